"""One link of the journal: what a command did, by whom, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

EffectKind = Literal["run", "name", "version", "tag", "note", "purge", "keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One ref that the entry sets.

    `name` is what is set: the model for a version, the tag, the run's name, the purged blob's id.
    `number` is given at append, counting from 1 per model; None for what has no numbers.
    `record` is None where the effect takes a ref away.
    """

    kind: EffectKind
    name: str
    number: int | None
    record: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The journal's entry `seq`, counting from 1.

    `prev` is the id of the entry before it (None for the first), `at` never goes back, `clock` is
    the raw wall clock. `evidence` and `origin` are record ids.
    """

    KIND: ClassVar[str] = "entry"
    V: ClassVar[int] = 1
    seq: int
    prev: str | None
    at: str
    clock: str
    actor: str
    verb: str
    effects: tuple[Effect, ...]
    expect: str | None
    reason: str | None
    evidence: tuple[str, ...]
    origin: str | None
