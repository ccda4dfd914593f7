"""Data out of the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sestina.ingredients.placing import place
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import DataRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def restore(record: RecordId, repo: Repo, into: Path) -> None:
    """Writes the input files below `into`: the project's there, others in `.outside/<root>/`.

    Raises Unavailable, once all the others are written, for files that the repo does not hold.
    """
    place(repo.records.get(record, DataRecord).files, repo, into)
