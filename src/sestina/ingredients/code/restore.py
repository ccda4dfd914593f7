"""Code out of the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sestina.ingredients.placing import place
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import CodeRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def restore(record: RecordId, repo: Repo, into: Path) -> None:
    """Writes the source files below `into`: the project's there, others in `.outside/<root>/`.

    Spans that features, params and seed claim stand as placeholders until those are restored.
    """
    place(repo.records.get(record, CodeRecord).files, repo, into)
