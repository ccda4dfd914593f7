"""What every ingredient can do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sestina.kernel.ids import RecordId
from sestina.records.answers import Description, Difference
from sestina.records.ingredient import IngredientRef
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo


class Ingredient(Protocol):
    """One of the things that determine a model.

    `sestina.testing.ingredients` holds the suite that every ingredient passes.
    """

    @property
    def name(self) -> str:
        """Returns the ingredient's name, as `diff` shows it."""
        ...

    def gather(self, seen: Observation, repo: Repo) -> IngredientRef:
        """Returns the record of what was seen, its bytes handed to the store.

        `seen` is this ingredient's own observation (`claims.split`): the files it owns, with
        residue where spans were cut, and the claims it holds. The record depends on the bytes
        that were observed and on nothing else. What cannot be read lowers the custody; it does
        not raise.
        """
        ...

    def diff(self, a: RecordId, b: RecordId, repo: Repo) -> Difference:
        """Returns all that differs between two records, sorted; empty for equal ids."""
        ...

    def restore(self, record: RecordId, repo: Repo, into: Path) -> None:
        """Writes the ingredient's bytes below `into`, and never anywhere else.

        In the order of the shelf, files come before the spans that are filled into them.
        """
        ...

    def describe(self, record: RecordId, repo: Repo) -> Description:
        """Returns the record for people: a summary of at most 60 characters, and its items."""
        ...
