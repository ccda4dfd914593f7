"""What `sestina.toml` (or `[tool.sestina]` in pyproject.toml) says about a project.

Every pattern is matched as in `.gitignore` against the path below the project: `*` and `?` stay
inside one name, `**` crosses folders, a pattern without a slash matches at any depth, a trailing
slash (or a folder's name) covers everything below. A pattern that starts with `/` or `~/` names
files outside the project.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sestina.errors import InvalidInput

GIB = 1 << 30
WhenVersioned = Literal["every run", "on request"]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B?)?", re.IGNORECASE)
_POWERS = {"B": 0, "K": 1, "M": 2, "G": 3, "T": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A named part of the data: every file that one of the patterns covers."""

    name: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """`[models.NAME]`: which output is the model, where its metrics are, when it is numbered."""

    name: str
    path: str | None = None
    metrics: tuple[str, ...] = ()
    primary: str | None = None
    versions: WhenVersioned = "on request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A project's settings; all empty where there is no file.

    `features` are patterns of files, or `file.py:function` with `*` in both. `code`, `data` and
    `params` decide the kind of a file that was read; `ignore` (with `.sestinaignore`) takes files
    out of every ingredient. `allow` names files that hold no secret whatever they are called.
    `roots` are folders outside the project whose listings and failed opens count as its own.
    `size_cap` is in bytes: a bigger file is referenced, not kept.
    """

    features: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    models: tuple[ModelSettings, ...] = ()
    size_cap: int = 2 * GIB

    def model(self, name: str) -> ModelSettings:
        """Returns the settings of a model, empty where the file says nothing about it."""
        return next((m for m in self.models if m.name == name), ModelSettings(name=name))


@functools.lru_cache(maxsize=4096)
def pattern(text: str) -> re.Pattern[str]:
    """Returns a pattern of the settings as a compiled expression over paths below the project.

    >>> bool(pattern("data/").match("data/raw/a.csv")), bool(pattern("*.csv").match("x/y.csv"))
    (True, True)
    """
    body = text.rstrip("/")
    anchored = "/" in body
    body = body.removeprefix("./")
    depth = "" if anchored else "(?:.*/)?"
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", body)
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    spelled = "".join(wild.get(piece, re.escape(piece)) for piece in pieces)
    below = "/.*" if text.endswith("/") else "(?:/.*)?"
    return re.compile(f"{depth}{spelled}{below}\\Z", re.DOTALL)


def covering(patterns: tuple[str, ...], path: str) -> str | None:
    """Returns the last of the patterns that covers `path`, None when none does.

    A pattern that starts with `!` takes back what those before it covered.
    """
    found = None
    for text in patterns:
        if text.startswith("!"):
            found = None if pattern(text[1:]).match(path) else found
        elif pattern(text).match(path):
            found = text
    return found


def parse(table: Mapping[str, Any], source: str) -> Settings:
    """Returns the settings in a table of TOML; `source` is the file's name, for the errors.

    Raises InvalidInput (`invalid-input/settings`) for a key that does not exist, or a value of
    another type.
    """
    reader = _Reader(source)
    return Settings(**reader.read(table, "", _TOP))


def size(text: str | int) -> int:
    """Returns bytes: `"2 GiB"`, `"500MB"` (both binary, as `du -h`), or a number.

    >>> size("2 GiB")
    2147483648
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    match = _SIZE.fullmatch(str(text).strip())
    if not match:
        raise ValueError('a size is a number of bytes, or a text such as "2 GiB"')
    unit = (match[2] or "B")[0].upper()
    return int(float(match[1]) * 1024 ** _POWERS[unit])


@dataclass(frozen=True, slots=True)
class _Reader:
    source: str

    def read(self, table: Any, where: str, known: Mapping[str, _Read]) -> dict[str, Any]:
        if not isinstance(table, Mapping):
            raise self._wrong(where.rstrip("."), "a table is expected here")
        found: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                raise self._unknown(f"{where}{key}", key, known)
            field, read = known[key]
            try:
                found[field] = read(self, f"{where}{key}", value)
            except ValueError as error:
                if isinstance(error, InvalidInput):
                    raise
                raise self._wrong(f"{where}{key}", str(error)) from None
        return found

    def _unknown(self, place: str, key: str, known: Mapping[str, _Read]) -> InvalidInput:
        import difflib

        near = difflib.get_close_matches(key, known, n=1)
        return InvalidInput(
            "invalid-input/settings",
            f"{self.source} has a key '{place}' that means nothing to sestina",
            why=f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(sorted(known))}",
        )

    def _wrong(self, place: str, why: str) -> InvalidInput:
        what = f"{self.source}: '{place}' is wrong" if place else f"{self.source} is wrong"
        return InvalidInput("invalid-input/settings", what, why=why)


_Read = tuple[str, Callable[[_Reader, str, Any], Any]]


def _texts(_: _Reader, __: str, value: Any) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(text, str) and text for text in values):
        raise ValueError("a text or a list of texts is expected")
    return tuple(values)


def _text(_: _Reader, __: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value


def _when(_: _Reader, __: str, value: Any) -> str:
    if value not in ("every run", "on request"):
        raise ValueError('either "every run" or "on request" is expected')
    return str(value)


def _bytes(_: _Reader, __: str, value: Any) -> int:
    return size(value)


def _named(value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise ValueError("a table is expected")
    for name in value:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name):
            raise ValueError(f"'{name}' is not a name: small letters, digits, '-' and '_'")
    return sorted(value.items())


def _datasets(reader: _Reader, where: str, value: Any) -> tuple[Dataset, ...]:
    return tuple(
        Dataset(name=name, patterns=_texts(reader, where, held)) for name, held in _named(value)
    )


def _models(reader: _Reader, where: str, value: Any) -> tuple[ModelSettings, ...]:
    return tuple(
        ModelSettings(name=name, **reader.read(held, f"{where}.{name}.", _MODEL))
        for name, held in _named(value)
    )


def _secrets(reader: _Reader, where: str, value: Any) -> tuple[str, ...]:
    allowed: tuple[str, ...] = reader.read(value, f"{where}.", _SECRETS).get("allow", ())
    return allowed


_SECRETS: dict[str, _Read] = {"allow": ("allow", _texts)}
_MODEL: dict[str, _Read] = {
    "path": ("path", _text),
    "metrics": ("metrics", _texts),
    "primary": ("primary", _text),
    "versions": ("versions", _when),
}
_TOP: dict[str, _Read] = {
    "features": ("features", _texts),
    "code": ("code", _texts),
    "data": ("data", _texts),
    "params": ("params", _texts),
    "ignore": ("ignore", _texts),
    "roots": ("roots", _texts),
    "size_cap": ("size_cap", _bytes),
    "secrets": ("allow", _secrets),
    "datasets": ("datasets", _datasets),
    "models": ("models", _models),
}
