"""Reads what the hook wrote inside the program, as one testimony of all its Python processes.

The files come from the user's program: lines may be torn, hostile or not ours at all. A line that
does not say what its kind must say is counted and left out; nothing in it is ever executed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sestina.records.testimony import (
    Draws,
    DrawSite,
    EffectiveParam,
    EnvRead,
    EstimatorSeen,
    InterpreterSeen,
    MetricTold,
    ModuleSeen,
    SeedSet,
    Testimony,
    Told,
)

Said = Mapping[str, Any]
_LONGEST_LINE = 64 << 20


def read(folder: Path) -> Testimony:
    """Returns the testimony of every process that wrote to `folder`, merged.

    Processes come in the order in which they began. What several of them say alike is there once,
    except metrics and notes, which are kept as told. Paths are absolute, and hold bytes that are
    not UTF-8 as `os.fsdecode` does; every other text is plain Unicode. Words of a command line and
    values are as the program had them: whoever stores them takes secrets out first.

    >>> read(Path("/nowhere")).interpreters
    ()
    """
    told = _Merged()
    for file in sorted(_files(folder), key=_began):
        _read_process(file, told)
    kinds = {
        field: tuple(found if field in _AS_TOLD else dict.fromkeys(found))
        for field, found in told.found.items()
    }
    return Testimony(**kinds, unfinished=tuple(told.unfinished), damaged_lines=told.damaged)


_AS_TOLD = ("metrics", "notes")


class _Merged:
    """What was found so far, by field of `Testimony`."""

    def __init__(self) -> None:
        self.found: dict[str, list[Any]] = {}
        self.unfinished: list[int] = []
        self.damaged = 0


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == ".jsonl" and _plain(path)]
    except OSError:
        return []


def _plain(path: Path) -> bool:
    """Returns True for a regular file: a FIFO put there would make us wait for ever."""
    return path.is_file() and not path.is_symlink()


def _began(path: Path) -> tuple[int, str]:
    began = path.stem.rpartition("-")[2]
    return (int(began) if began.isdecimal() and began.isascii() else 1 << 80, path.name)


def _read_process(file: Path, told: _Merged) -> None:
    """Adds what one process said; of a generator its last word counts.

    A process that became another program is not unfinished, nor is one that had told all it knew.
    """
    pid: int | None = None
    folder = ""
    complete = False
    draws: dict[str, Draws] = {}
    for said in _lines(file, told):
        kind = said.get("k")
        try:
            if kind in ("start", "fork"):
                pid, folder = _whole(said["pid"]), _path(said.get("cwd") or "")
                told.unfinished = [other for other in told.unfinished if other != pid]
            for field, noun in _NOUNS.get(kind, _nothing)(said, folder):
                if isinstance(noun, Draws):
                    draws[noun.generator] = noun
                else:
                    told.found.setdefault(field, []).append(noun)
            complete = kind in ("exit", "settled")
        except (KeyError, TypeError, ValueError):
            told.damaged += 1
    told.found.setdefault("draws", []).extend(draws.values())
    if pid is not None and not complete:
        told.unfinished.append(pid)


def _lines(file: Path, told: _Merged) -> Iterator[Said]:
    try:
        with file.open("rb") as stream:
            while line := stream.readline(_LONGEST_LINE):
                try:
                    said = json.loads(line)
                except (ValueError, RecursionError):
                    said = None
                if isinstance(said, dict):
                    yield said
                else:
                    told.damaged += 1
    except OSError:
        told.damaged += 1


# --- one function for each kind of line: yields (field of Testimony, noun) ----------------------

Nouns = Iterator[tuple[str, Any]]


def _nothing(said: Said, folder: str) -> Nouns:
    """A kind that is not for us: later hooks may say more."""
    if not isinstance(said.get("k"), str):
        raise TypeError("a line without a kind")
    return iter(())


def _start(said: Said, folder: str) -> Nouns:
    yield (
        "interpreters",
        InterpreterSeen(
            pid=_whole(said["pid"]),
            executable=_path(said["executable"]),
            prefix=_path(said["prefix"]),
            base_prefix=_path(said["base_prefix"]),
            version=_text(said["version"]),
            version_info=_text(said["version_info"]),
            implementation=_text(said["implementation"]),
            argv=tuple(map(_path, said.get("orig_argv") or said["argv"])),
            path=tuple(map(_path, said["path"])),
        ),
    )


def _modules(said: Said, folder: str) -> Nouns:
    for one in said["files"]:
        file = os.path.join(folder, _path(one["source"]))
        yield "modules", ModuleSeen(name=_text(one["name"]), file=file)


def _params(said: Said, folder: str) -> Nouns:
    for item in said["items"]:
        yield (
            "effective",
            EffectiveParam(
                by=_text(said["by"]),
                name=_text(item["name"]),
                value=_text(item["value"]),
                given=bool(item["given"]),
                option=_maybe(item["option"]),
            ),
        )


def _env(said: Said, folder: str) -> Nouns:
    file = os.path.join(folder, _path(said["file"]))
    yield "env_reads", EnvRead(name=_text(said["name"]), is_set=bool(said["set"]), file=file)


def _seed(said: Said, folder: str) -> Nouns:
    yield (
        "seeds",
        SeedSet(
            generator=_text(said["generator"]), value=_text(said["value"]), **_place(said, folder)
        ),
    )


def _draws(said: Said, folder: str) -> Nouns:
    yield "draws", Draws(generator=_text(said["generator"]), state=_text(said["state"]))


def _draw_site(said: Said, folder: str) -> Nouns:
    yield (
        "draw_sites",
        DrawSite(
            generator=_text(said["generator"]),
            function=_text(said["function"]),
            count=_whole(said["count"]),
            **_place(said, folder),
        ),
    )


def _estimator(said: Said, folder: str) -> Nouns:
    params = tuple(sorted((_text(key), _text(value)) for key, value in said["params"].items()))
    yield "estimators", EstimatorSeen(cls=_text(said["cls"]), params=params, **_place(said, folder))


def _metric(said: Said, folder: str) -> Nouns:
    yield (
        "metrics",
        MetricTold(
            name=_text(said["name"]), value=_text(said["value"]), step=_maybe(said.get("step"))
        ),
    )


def _note(said: Said, folder: str) -> Nouns:
    yield "notes", _text(said["text"])


def _told(field: str) -> Callable[[Said, str], Nouns]:
    def tell(said: Said, folder: str) -> Nouns:
        yield field, Told(name=_text(said["name"]), value=_text(said["value"]))

    return tell


_NOUNS: dict[object, Callable[[Said, str], Nouns]] = {
    "start": _start,
    "modules": _modules,
    "params": _params,
    "env": _env,
    "seed": _seed,
    "draws": _draws,
    "draw_site": _draw_site,
    "estimator": _estimator,
    "switch": _told("switches"),
    "runtime": _told("runtime"),
    "metric": _metric,
    "param": _told("params"),
    "note": _note,
}


# --- values ------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _path(value: object) -> str:
    """Returns a name as the file system takes it; ValueError when it never would."""
    if not isinstance(value, str):
        raise TypeError("not a path")
    os.fsencode(value)
    return value


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def _place(said: Said, folder: str) -> dict[str, Any]:
    file = said.get("file")
    where = os.path.join(folder, _path(file)) if file else ""
    return {"file": where, "line": _whole(said.get("line") or 0)}
