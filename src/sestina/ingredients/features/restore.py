"""Feature functions out of the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sestina.ingredients.placing import refill
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import FeaturesRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def restore(record: RecordId, repo: Repo, into: Path) -> None:
    """Puts the functions back into the restored source files (code is restored first)."""
    refill(repo.records.get(record, FeaturesRecord).spans, repo, into)
