"""What `diff` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.records.answers import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two that are compared. `run` is None for a recipe without a run.

    Where `grade` is not `complete`, what was not seen shows as removed or added.
    """

    name: str
    recipe: str
    run: str | None
    began: str | None
    exit: int | None
    grade: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One name with its text on both sides; None where that side has none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffAnswer:
    """All that differs between two recipes, and between what their runs gave.

    `unexplained`: one recipe gave two outputs. `effective` are parameters after defaults that
    differ, shown beneath the change they follow from and never counted. `unread` are files that
    differ in git and that neither run read. `facts` merely were so.
    """

    SCHEMA: ClassVar[str] = "sestina.diff/1"
    a: Side
    b: Side
    same_recipe: bool
    unexplained: bool
    metrics: tuple[Pair, ...]
    outputs: tuple[Pair, ...]
    changes: tuple[Change, ...]
    effective: tuple[Pair, ...]
    unread: tuple[Change, ...]
    facts: tuple[Pair, ...]
