"""What an index over records and journal answers, whichever engine keeps it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sestina.records.entry import EffectKind
from sestina.store.journal import Head


class RunRow(NamedTuple):
    """A run as lists show it. What cannot be read from a damaged record is None.

    `name` is the last name it was given; `versions` are the canonical names of those made by it.
    """

    id: str
    seq: int
    at: str
    name: str | None
    versions: tuple[str, ...]
    recipe: str | None
    outputs: str | None
    facts: str | None
    grade: str | None
    exit: int | None
    began: str | None
    ended: str | None
    actor: str | None


class VersionRow(NamedTuple):
    """A version: its model and number, its record, and when it was made by which run."""

    model: str
    number: int
    id: str
    seq: int
    at: str
    run: str | None


class Use(NamedTuple):
    """A blob in a run: `ingredient` names which of the six it belongs to, or is `outputs`.

    `same_path` says whether it lies at the logical path that was asked for.
    """

    run: str
    seq: int
    ingredient: str
    path: str
    blob: str
    same_path: bool


class Catalog(Protocol):
    """The index. It follows the journal by itself; every answer is as of `until`, if set."""

    until: int | None
    hints: list[str]

    def follow(self) -> Head:
        """Returns the journal's last entry, with everything up to it indexed."""

    def rebuild(self) -> None:
        """Returns when all was dropped and made anew from journal and records."""

    def as_of(self, time: str) -> Catalog:
        """Returns the same index, answering as of a time."""

    def last(self, kind: EffectKind, name: str) -> str | None:
        """Returns the record that the ref stands for, None where it is not set."""

    def all_last(self, kind: EffectKind) -> list[tuple[str, str]]:
        """Returns (name, record) of every ref of a kind that is set, sorted by name."""

    def versions(self, model: str | None = None) -> list[VersionRow]:
        """Returns the versions of a model (or all), sorted by model and number."""

    def version_of(self, record: str) -> VersionRow | None:
        """Returns the newest version that this record is, None where it is none."""

    def next_number(self, model: str) -> int:
        """Returns the number that the model's next version gets; no number is used twice."""

    def runs(self, *, limit: int | None = None) -> list[RunRow]:
        """Returns the runs, newest first."""

    def run(self, identifier: str) -> RunRow | None:
        """Returns one run."""

    def starting_with(self, column: str, prefix: str) -> list[str]:
        """Returns the ids of `run` or `recipe` that start with these hex digits, sorted."""

    def metrics(self, run: str) -> list[tuple[str, str, str]]:
        """Returns (name, value, source) of a run's metrics."""

    def notes(self, about: str) -> list[tuple[str, str, str]]:
        """Returns (at, actor, note record) of the notes about a record, oldest first."""

    def purged(self) -> dict[str, str]:
        """Returns the reason by id of every blob that was removed for good."""

    def producers(self, blob: str, path: str | None = None) -> list[Use]:
        """Returns the runs that wrote the blob, those at the same path first, then newest first."""

    def consumers(self, blob: str, path: str | None = None) -> list[Use]:
        """Returns the runs that read the blob, those at the same path first, then newest first."""

    def runs_with(self, blob: str) -> list[Use]:
        """Returns every use of the blob."""

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Returns every row by table, sorted: two catalogs are equal if their dumps are."""

    def close(self) -> None:
        """Returns when nothing is held open."""
