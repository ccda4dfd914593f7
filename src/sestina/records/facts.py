"""What was observed about a run and is not identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.kernel.ids import BlobId
from sestina.records.ingredient import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """A parameter's value after defaults. `by` is the parser; `given` is False for a default."""

    by: str
    name: str
    value: str
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sowing:
    """A generator: how it was seeded, and what became of it.

    `state` is `untouched`, `seeded`, `unseeded draws`, `not seeded` (one made or fitted without a
    seed) or `unknown`; `value` the effective seed where it was seen, an estimator's with its name,
    or what is known of the draws; `place` a logical `file:line`.
    """

    generator: str
    state: str
    value: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file whose bytes this repo does not hold, and where they lay."""

    id: BlobId
    path: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that merely was so.

    `machine` (host, platform, cpu, memory, gpu, threads, blas, user), `roots` (where the logical
    roots lay), `git` (commit, branch, dirty), `cost` (seconds and bytes, as text) and `variables`
    (keyed HMACs of values that are withheld; None for one that code asked for and that was not set)
    are name-value lists sorted by name. `files` is the
    blob of the file table (JSON lines: path, kind, rule, id, size). `listings` are folders that
    were listed with the id of the sorted listing, `absent` failed opens inside the project.
    """

    KIND: ClassVar[str] = "facts"
    V: ClassVar[int] = 1
    name: str | None
    command: tuple[str, ...]
    machine: tuple[Setting, ...]
    roots: tuple[Setting, ...]
    git: tuple[Setting, ...]
    cost: tuple[Setting, ...]
    variables: tuple[Setting, ...]
    effective: tuple[Effective, ...]
    estimators: tuple[Effective, ...]
    sowings: tuple[Sowing, ...]
    switches: tuple[Setting, ...]
    files: BlobId
    listings: tuple[Setting, ...]
    absent: tuple[str, ...]
    referenced: tuple[Reference, ...]
    gaps: tuple[str, ...]
    peers: tuple[str, ...]
    notes: tuple[str, ...]
