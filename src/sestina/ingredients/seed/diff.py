"""What differs in seeds: variables, arguments, keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sestina.ingredients import changes
from sestina.ingredients.params.diff import keyed
from sestina.ingredients.params.diff import values as change
from sestina.ingredients.seed.names import HASH_SEED
from sestina.ingredients.seed.values import values
from sestina.kernel.ids import RecordId
from sestina.kernel.withhold import WITHHELD
from sestina.records.answers import Change, Difference, Place
from sestina.records.ingredient import SeedRecord, Setting

if TYPE_CHECKING:
    from sestina.store.repo import Repo

UNSET = "unset"


def diff(a: RecordId, b: RecordId, repo: Repo) -> Difference:
    """Returns the seeds that differ; another spelling of the same value is cosmetic."""
    if a == b:
        return Difference(changes=())
    old, new = repo.records.get(a, SeedRecord), repo.records.get(b, SeedRecord)
    variables, arguments = (
        Place(kind="variable", path=None, name=""),
        Place(kind="argument", path=None, name=""),
    )
    return changes.difference(
        [
            *keyed("seed", variables, said(old.variables), said(new.variables)),
            *keyed("seed", arguments, said(old.arguments), said(new.arguments)),
            *_keys(old, new, repo),
        ]
    )


def said(held: Sequence[Setting]) -> dict[str, str]:
    """Returns settings as people read them: the hash seed is `unset` rather than withheld."""
    empty = {HASH_SEED: UNSET}
    return {
        setting.name: empty.get(setting.name, WITHHELD) if setting.value is None else setting.value
        for setting in held
    }


def _keys(old: SeedRecord, new: SeedRecord, repo: Repo) -> Iterator[Change]:
    before, after = values(old, repo), values(new, repo)
    for path, name in sorted(before.keys() | after.keys()):
        was, was_blob = before.get((path, name), (None, None))
        now, now_blob = after.get((path, name), (None, None))
        cosmetic = was == now and was_blob != now_blob
        place = Place(kind="key", path=path, name=name)
        yield from change("seed", place, was, now, cosmetic=cosmetic)
