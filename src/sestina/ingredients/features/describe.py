"""Feature functions for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.numbers import count
from sestina.kernel.ids import RecordId
from sestina.records.answers import Description, Item
from sestina.records.ingredient import FeaturesRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def describe(record: RecordId, repo: Repo) -> Description:
    """Returns the functions with the files that they stand in."""
    spans = repo.records.get(record, FeaturesRecord).spans
    files = {span.file for span in spans}
    summary = "none claimed"
    if spans:
        summary = f"{count(len(spans), 'function')} in {count(len(files), 'file')}"
    items = (Item(name=span.name, value=as_in_settings(span.file)) for span in spans)
    return Description(ingredient="features", summary=summary, items=tuple(items))
