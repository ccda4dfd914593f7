"""The ingredients, in the one order in which they are gathered, restored and shown."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sestina.errors import NotFound
from sestina.ingredients.protocol import Ingredient
from sestina.kernel.ids import RecordId
from sestina.records.answers import Description, Difference
from sestina.records.ingredient import IngredientRef
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo


@dataclass(frozen=True, slots=True)
class Room:
    """An ingredient whose four doors are the files of the folder with its name.

    A door is imported when it is first opened: `status` never pays for `restore`.
    """

    name: str

    def _door(self, door: str) -> Any:
        return getattr(importlib.import_module(f"{__package__}.{self.name}.{door}"), door)

    def gather(self, seen: Observation, repo: Repo) -> IngredientRef:
        """Returns the record of what was seen (see `Ingredient`)."""
        ref: IngredientRef = self._door("gather")(seen, repo)
        return ref

    def diff(self, a: RecordId, b: RecordId, repo: Repo) -> Difference:
        """Returns all that differs between two records (see `Ingredient`)."""
        difference: Difference = self._door("diff")(a, b, repo)
        return difference

    def restore(self, record: RecordId, repo: Repo, into: Path) -> None:
        """Writes the ingredient's bytes below `into` (see `Ingredient`)."""
        self._door("restore")(record, repo, into)

    def describe(self, record: RecordId, repo: Repo) -> Description:
        """Returns the record for people (see `Ingredient`)."""
        description: Description = self._door("describe")(record, repo)
        return description


ORDER: tuple[Ingredient, ...] = (
    Room("code"),
    Room("data"),
    Room("features"),
    Room("params"),
    Room("env"),
    Room("seed"),
)


def ingredient(name: str) -> Ingredient:
    """Returns the ingredient of that name; raises NotFound for any other name."""
    for room in ORDER:
        if room.name == name:
            return room
    raise NotFound(
        "not-found/ingredient",
        f"there is no ingredient '{name}'",
        why=f"there are {', '.join(room.name for room in ORDER)}",
    )
