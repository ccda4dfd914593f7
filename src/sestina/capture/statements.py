"""From one line that a program's hook wrote to the nouns it states.

A line that does not say what its kind must say raises KeyError, TypeError or ValueError.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sestina.kernel.withhold import value_of, without_secrets
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
    Told,
)

Said = Mapping[str, Any]


def nouns(said: Said, folder: str) -> Iterator[tuple[str, Any]]:
    """Yields (field of `Testimony`, noun); relative paths are seen from `folder`.

    A kind that is not known states nothing: a later hook may say more.
    """
    kind = said.get("k")
    if not isinstance(kind, str):
        raise TypeError("a line without a kind")
    if kind in _STATEMENTS:
        field, read = _STATEMENTS[kind]
        for noun in read(said, folder):
            yield field, noun


def _start(said: Said, folder: str) -> Iterator[InterpreterSeen]:
    yield InterpreterSeen(
        pid=whole(said["pid"]),
        executable=path(said["executable"]),
        prefix=path(said["prefix"]),
        base_prefix=path(said["base_prefix"]),
        version=_text(said["version"]),
        version_info=_text(said["version_info"]),
        implementation=_text(said["implementation"]),
        argv=tuple(map(path, said.get("orig_argv") or said["argv"])),
        path=tuple(map(path, said["path"])),
    )


def _modules(said: Said, folder: str) -> Iterator[ModuleSeen]:
    for name, file in said["files"]:
        yield ModuleSeen(name=_text(name), file=os.path.join(folder, path(file)))


def _params(said: Said, folder: str) -> Iterator[EffectiveParam]:
    for item in said["items"]:
        name = _text(item["name"])
        yield EffectiveParam(
            by=_text(said["by"]),
            name=name,
            value=value_of(name, _text(item["value"])),
            given=bool(item["given"]),
            option=_maybe(item["option"]),
        )


def _env(said: Said, folder: str) -> Iterator[EnvRead]:
    file = _absolute(said["file"], folder)
    yield EnvRead(name=_text(said["name"]), is_set=bool(said["set"]), file=file)


def _seed(said: Said, folder: str) -> Iterator[SeedSet]:
    generator, value = _text(said["generator"]), _text(said["value"])
    yield SeedSet(generator=generator, value=value, **_place(said, folder))


def _draws(said: Said, folder: str) -> Iterator[Draws]:
    yield Draws(generator=_text(said["generator"]), state=_text(said["state"]))


def _draw_site(said: Said, folder: str) -> Iterator[DrawSite]:
    yield DrawSite(
        generator=_text(said["generator"]),
        function=_text(said["function"]),
        count=whole(said["count"]),
        **_place(said, folder),
    )


def _estimator(said: Said, folder: str) -> Iterator[EstimatorSeen]:
    texts = [(_text(name), _text(value)) for name, value in said["params"].items()]
    params = tuple(sorted((name, value_of(name, value)) for name, value in texts))
    yield EstimatorSeen(cls=_text(said["cls"]), params=params, **_place(said, folder))


def _metric(said: Said, folder: str) -> Iterator[MetricTold]:
    step = _maybe(said.get("step"))
    yield MetricTold(name=_text(said["name"]), value=_text(said["value"]), step=step)


def _note(said: Said, folder: str) -> Iterator[str]:
    yield without_secrets(_text(said["text"]))


def _told(said: Said, folder: str) -> Iterator[Told]:
    name = _text(said["name"])
    yield Told(name=name, value=value_of(name, _text(said["value"])))


_STATEMENTS: dict[str, tuple[str, Callable[[Said, str], Iterator[Any]]]] = {
    "start": ("interpreters", _start),
    "modules": ("modules", _modules),
    "params": ("effective", _params),
    "env": ("env_reads", _env),
    "seed": ("seeds", _seed),
    "draws": ("draws", _draws),
    "draw_site": ("draw_sites", _draw_site),
    "estimator": ("estimators", _estimator),
    "switch": ("switches", _told),
    "runtime": ("runtime", _told),
    "metric": ("metrics", _metric),
    "param": ("params", _told),
    "note": ("notes", _note),
}


# --- values ------------------------------------------------------------------------------------


def whole(value: object) -> int:
    """Returns a whole number; TypeError when it is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def path(value: object) -> str:
    """Returns a name as the file system takes it; ValueError when it never would."""
    if not isinstance(value, str):
        raise TypeError("not a path")
    os.fsencode(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value)


def _place(said: Said, folder: str) -> dict[str, Any]:
    file = said.get("file")
    where = _absolute(file, folder) if file else ""
    return {"file": where, "line": whole(said.get("line") or 0)}


def _absolute(file: object, folder: str) -> str:
    """Returns an absolute path; what is no file, such as `<string>`, stays as it is."""
    named = path(file)
    return named if named.startswith("<") else os.path.join(folder, named)
