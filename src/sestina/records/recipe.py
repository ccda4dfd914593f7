"""The record that pins all six ingredients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.records.ingredient import IngredientRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What determined a run. Equal ids mean an empty diff; the converse does not hold."""

    KIND: ClassVar[str] = "recipe"
    V: ClassVar[int] = 1
    code: IngredientRef
    data: IngredientRef
    features: IngredientRef
    params: IngredientRef
    env: IngredientRef
    seed: IngredientRef
