"""Which dataset a file belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from sestina.ingredients.logical import as_in_settings
from sestina.records.ingredient import Setting
from sestina.records.settings import covering


class Names:
    """The datasets of a record, as `sestina.toml` named them when the run was made."""

    def __init__(self, datasets: Sequence[Setting]):
        self.patterns: dict[str, tuple[str, ...]] = {}
        for held in datasets:
            self.patterns[held.name] = (*self.patterns.get(held.name, ()), held.value or "")

    def of(self, path: str) -> str | None:
        """Returns the name of the first dataset, by name, that covers a logical path."""
        if not self.patterns:
            return None
        shown = as_in_settings(path)
        names = (name for name, held in self.patterns.items() if covering(held, shown) is not None)
        return next(names, None)
