"""Config files and settings, back where they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sestina.ingredients.placing import place, refill
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import ParamsRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def restore(record: RecordId, repo: Repo, into: Path) -> None:
    """Writes the config files, and fills settings into the code that is there.

    A withheld value stays a named blank.
    """
    params = repo.records.get(record, ParamsRecord)
    place(params.files, repo, into)
    refill(params.spans, repo, into)
