"""Data into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.ingredients.data.naming import Names
from sestina.ingredients.holding import hold
from sestina.records.ingredient import DataRecord, IngredientRef
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def gather(seen: Observation, repo: Repo) -> IngredientRef:
    """Returns the record of the input files, and of the datasets that have a file among them.

    The custody is `referenced` where the bytes of a file stay outside the repo. A file that
    changed under the run is held as it was read; the run's grade says `torn`.
    """
    files, custody = hold(seen.files, repo)
    names = Names(seen.datasets)
    used = {names.of(file.path) for file in seen.files} if seen.datasets else set()
    datasets = tuple(setting for setting in seen.datasets if setting.name in used)
    record = DataRecord(files=files, datasets=datasets)
    return IngredientRef(record=repo.records.add(record), custody=custody)
