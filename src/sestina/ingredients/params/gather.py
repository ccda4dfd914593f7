"""What was seen of every knob, as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.ingredients.holding import hold, hold_spans
from sestina.ingredients.params.arguments import without_seeds
from sestina.ingredients.params.cut import is_withheld
from sestina.ingredients.params.variables import recorded
from sestina.records.ingredient import IngredientRef, ParamsRecord, Setting
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def gather(seen: Observation, repo: Repo) -> IngredientRef:
    """Returns the params of a run: arguments, config files, variables, recorded values."""
    files, custody = hold(seen.files, repo)
    record = ParamsRecord(
        arguments=without_seeds(seen.arguments),
        files=files,
        spans=hold_spans(seen.claims, repo),
        variables=recorded(seen, "params"),
        recorded=_told(seen),
    )
    return IngredientRef(record=repo.records.add(record), custody=custody)


def _told(seen: Observation) -> tuple[Setting, ...]:
    """Returns what the program told by `sestina.param`; of a name told twice, the last."""
    told = {param.name: param.value for param in seen.testimony.params}
    return tuple(
        Setting(name=name, value=None if is_withheld(name, value) else value)
        for name, value in sorted(told.items())
    )
