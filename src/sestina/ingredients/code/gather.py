"""Code into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.ingredients.holding import hold
from sestina.records.ingredient import CodeRecord, IngredientRef
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def gather(seen: Observation, repo: Repo) -> IngredientRef:
    """Returns the record of the source files, the command up to the script, and the folder."""
    files, custody = hold(seen.files, repo)
    record = CodeRecord(command=seen.command, folder=seen.folder, files=files)
    return IngredientRef(record=repo.records.add(record), custody=custody)
