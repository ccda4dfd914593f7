"""Feature functions into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.ingredients.holding import hold_spans
from sestina.records.ingredient import FeaturesRecord, IngredientRef
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def gather(seen: Observation, repo: Repo) -> IngredientRef:
    """Returns the record of the functions that the settings or the decorator claim."""
    record = FeaturesRecord(spans=hold_spans(seen.claims, repo))
    return IngredientRef(record=repo.records.add(record), custody="captured")
