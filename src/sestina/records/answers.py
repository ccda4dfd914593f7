"""What verbs return: the same record behind Python, text, JSON and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a change is: `kind` file, function, key, argument, package, library, variable,
    dataset, command…; `path` the logical file, if any; `name` what in it.
    """

    kind: str
    path: str | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs. `before` and `after` are typed text (None: not there).

    `cosmetic`: the bytes differ, the canonical form does not. `origin` says where an effective
    value came from. `detail` are lines that help a person (a unified diff), never identity.
    """

    ingredient: str
    place: Place
    before: str | None
    after: str | None
    kind: Literal["added", "removed", "changed", "moved"]
    cosmetic: bool = False
    origin: str | None = None
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that differs between two records of one ingredient, sorted by place."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a description: a name, its value, and a remark in the margin."""

    name: str
    value: str
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One ingredient for people: a summary of at most 60 characters and the items behind it."""

    ingredient: str
    summary: str
    items: tuple[Item, ...]
