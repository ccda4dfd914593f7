"""What `show` returns: a run, a version, a recipe, a tag, or any other record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.records.answers import Item
from sestina.records.facts import Effective, Sowing
from sestina.records.ingredient import Setting
from sestina.records.run import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class IngredientSheet:
    """One ingredient: its record, how it is held, and what it holds."""

    ingredient: str
    record: str
    custody: str
    summary: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file. `id` is None where its bytes were not identified (a secret, a pseudo file)."""

    path: str
    kind: str
    rule: str | None
    size: int
    id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """A run: when, by whom, what it gave, and the facts that are not part of its recipe."""

    run: str
    name: str | None
    began: str
    ended: str
    milliseconds: int
    actor: str
    exit: int | None
    grade: str
    command: tuple[str, ...]
    metrics: tuple[Metric, ...]
    outputs: tuple[FileLine, ...]
    effective: tuple[Effective, ...]
    estimators: tuple[Effective, ...]
    sowings: tuple[Sowing, ...]
    switches: tuple[Setting, ...]
    machine: tuple[Setting, ...]
    git: tuple[Setting, ...]
    cost: tuple[Setting, ...]
    gaps: tuple[str, ...]
    peers: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSheet:
    """A version: the model's files and what they were recognised as."""

    model: str
    format: str
    files: tuple[FileLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAnswer:
    """One named thing. `names` are all refs to it, `said` the notes about it, `purged`
    path and reason of its files whose bytes were removed for good, `fields` the plain content of a
    record that has no sheet of its own.
    """

    SCHEMA: ClassVar[str] = "sestina.show/1"
    kind: str
    name: str
    id: str
    names: tuple[str, ...]
    said: tuple[str, ...]
    recipe: str | None
    purged: tuple[Setting, ...]
    partial: bool
    ingredients: tuple[IngredientSheet, ...]
    run: RunSheet | None
    version: VersionSheet | None
    files: tuple[FileLine, ...]
    roots: tuple[Setting, ...]
    fields: tuple[Setting, ...]
