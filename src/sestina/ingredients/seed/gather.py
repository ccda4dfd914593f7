"""Random state as it was given from outside the source, as a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sestina.ingredients.holding import hold_spans
from sestina.ingredients.params import variables
from sestina.ingredients.params.arguments import seeds
from sestina.ingredients.seed.names import HASH_SEED, SWITCHES
from sestina.records.ingredient import IngredientRef, SeedRecord, Setting
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_SEED = re.compile(r"-?(?:\d{1,20}|0x[0-9a-fA-F]{1,16})(?:[ ,;:]+-?\d{1,20})*|[A-Za-z_]{0,12}")
"""A number, a few of them, or a short word; anything longer in a variable may be a secret."""


def gather(seen: Observation, repo: Repo) -> IngredientRef:
    """Returns the seeds and switches of a run, each at its origin."""
    record = SeedRecord(
        variables=_variables(seen),
        arguments=seeds(seen.arguments),
        spans=hold_spans(seen.claims, repo),
    )
    return IngredientRef(record=repo.records.add(record), custody="captured")


def _variables(seen: Observation) -> tuple[Setting, ...]:
    """Returns the seed variables that are set, and the hash seed even if it is not."""
    held = {HASH_SEED: Setting(name=HASH_SEED, value=seen.environ.get(HASH_SEED) or None)}
    for setting in variables.recorded(seen, "seed"):
        known = setting.name in SWITCHES or _SEED.fullmatch(setting.value or "")
        kept = setting if known else Setting(name=setting.name, value=None)
        if kept.value != "" or kept.name != HASH_SEED:
            held[kept.name] = kept
    return tuple(held[name] for name in sorted(held))
