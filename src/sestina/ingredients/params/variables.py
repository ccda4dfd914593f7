"""Environment variables as they enter a record."""

from __future__ import annotations

from collections.abc import Iterator

from sestina.ingredients.params.cut import is_withheld
from sestina.ingredients.params.ownership import Owner as Owner
from sestina.ingredients.params.ownership import logical as logical
from sestina.ingredients.params.ownership import owner as owner
from sestina.ingredients.params.ownership import said as said
from sestina.records.ingredient import Setting
from sestina.records.observation import Observation


def owned(seen: Observation, by: Owner) -> Iterator[tuple[str, str]]:
    """Yields the variables of the run that `by` owns, sorted by name, with their raw values."""
    read = {asked.name for asked in seen.testimony.env_reads}
    for name, value in sorted(seen.environ.items()):
        if owner(name, is_read=name in read) == by:
            yield name, value


def recorded(seen: Observation, by: Owner) -> tuple[Setting, ...]:
    """Returns the variables that `by` owns as they enter a record: logical, secrets withheld."""
    return tuple(
        Setting(
            name=name, value=None if is_withheld(name, value) else said(name, value, seen.roots)
        )
        for name, value in owned(seen, by)
    )
