"""Reads what the hook wrote inside the program, as one testimony of all its Python processes.

The files come from the user's program: lines may be torn, hostile or not ours at all. A line that
does not say what its kind must say is counted and left out; nothing in it is ever executed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sestina.capture.statements import Said, nouns, path, whole
from sestina.records.testimony import Draws, Testimony

_LONGEST_LINE = 64 << 20


def read(folder: Path) -> Testimony:
    """Returns the testimony of every process that wrote to `folder`, merged.

    Processes come in the order in which they began. What several of them say alike is there once,
    except metrics and notes, which are kept as told. Paths are absolute, and hold bytes that are
    not UTF-8 as `os.fsdecode` does; every other text is plain Unicode. Values have lost their
    secrets; the words of `argv` have not, so whoever stores them takes those out first.

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
        return [file for file in folder.iterdir() if file.suffix == ".jsonl" and _plain(file)]
    except OSError:
        return []


def _plain(file: Path) -> bool:
    """Returns True for a regular file: a FIFO put there would make us wait for ever."""
    return file.is_file() and not file.is_symlink()


def _began(file: Path) -> tuple[int, str]:
    began = file.stem.rpartition("-")[2]
    return (int(began) if began.isdecimal() and began.isascii() else 1 << 80, file.name)


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
                pid, folder = whole(said["pid"]), path(said.get("cwd") or "")
                told.unfinished = [other for other in told.unfinished if other != pid]
            for field, noun in nouns(said, folder):
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
