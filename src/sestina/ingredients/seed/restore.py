"""Seeds, back where they were given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sestina.ingredients.placing import refill
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import SeedRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def restore(record: RecordId, repo: Repo, into: Path) -> None:
    """Fills seeds into the config files and settings that are there."""
    refill(repo.records.get(record, SeedRecord).spans, repo, into)
