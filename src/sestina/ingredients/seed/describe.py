"""Seeds for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sestina.ingredients.seed.diff import UNSET, said
from sestina.ingredients.seed.names import HASH_SEED
from sestina.ingredients.seed.values import values
from sestina.ingredients.text import visible
from sestina.kernel.ids import RecordId
from sestina.records.answers import Description, Item
from sestina.records.facts import Sowing
from sestina.records.ingredient import SeedRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_SUMMARY = 60


def describe(record: RecordId, repo: Repo) -> Description:
    """Returns the seeds that were given and where; `sown` adds what took effect."""
    items = tuple(_items(repo.records.get(record, SeedRecord), repo))
    return Description(ingredient="seed", summary=_short(map(_phrase, items)), items=items)


def sown(sowings: Iterable[Sowing]) -> tuple[Item, ...]:
    """Returns the generators of a run (a fact), to be shown beneath the seeds.

    >>> sown([Sowing(generator="random", state="seeded", value="17", place="project:a.py:3")])
    (Item(name='random', value='seeded 17', remark='project:a.py:3'),)
    """
    return tuple(
        Item(
            name=sowing.generator,
            value=sowing.state if sowing.value is None else f"{sowing.state} {sowing.value}",
            remark=sowing.place,
        )
        for sowing in sowings
    )


def _items(seed: SeedRecord, repo: Repo) -> Iterator[Item]:
    for name, value in said(seed.variables).items():
        yield Item(name=name, value=visible(value), remark="variable")
    for name, value in said(seed.arguments).items():
        yield Item(name=visible(name), value=visible(value), remark="argument")
    for (path, name), (value, _) in values(seed, repo).items():
        yield Item(name=name, value=visible(value), remark=path)


def _phrase(item: Item) -> str:
    if item.remark == "variable" and item.name == HASH_SEED and item.value == UNSET:
        return f"{HASH_SEED} unset"
    return f"{item.name} {item.value}"


def _short(phrases: Iterable[str]) -> str:
    """Returns the phrases that fit, and how many more there are."""
    held = list(phrases)
    for count in range(len(held), 0, -1):
        left = len(held) - count
        text = "; ".join(held[:count]) + (f"; {left} more" if left else "")
        if len(text) <= _SUMMARY:
            return text
    return f"{len(held)} seeds"
