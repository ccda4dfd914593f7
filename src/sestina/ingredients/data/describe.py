"""Data for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sestina.ingredients.data.naming import Names
from sestina.ingredients.data.reading import columns_told, shape_of_leaf, told
from sestina.ingredients.folders import listed
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.numbers import count, size
from sestina.kernel.ids import RecordId
from sestina.records.answers import Description, Item
from sestina.records.ingredient import DataRecord
from sestina.store import trees
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

LOOKED_INTO = 50
LOOKED_INTO_BYTES = 256 << 20
"""Files and bytes whose contents are looked into; beyond that only sizes are told."""


def describe(record: RecordId, repo: Repo) -> Description:
    """Returns datasets and files with size, format, rows and columns; full folders as one line."""
    held = repo.records.get(record, DataRecord)
    leaves = list(trees.walk(repo, held.files))
    names = Names(held.datasets)
    total = f"{count(len(leaves), 'file')}, {size(sum(leaf.size for leaf in leaves))}"
    datasets = f"{count(len(names.patterns), 'dataset')}, " if names.patterns else ""
    items = (*_datasets(leaves, names), *_files(leaves, names, repo))
    return Description(
        ingredient="data", summary=f"{datasets}{total}" if leaves else "none read", items=items
    )


def _datasets(leaves: Sequence[Leaf], names: Names) -> Iterator[Item]:
    for name, patterns in names.patterns.items():
        held = [leaf for leaf in leaves if names.of(leaf.path) == name]
        total = f"{count(len(held), 'file')}, {size(sum(leaf.size for leaf in held))}"
        yield Item(name=name, value=total, remark=f"dataset: {', '.join(patterns)}")


def _files(leaves: Sequence[Leaf], names: Names, repo: Repo) -> Iterator[Item]:
    by_name = {as_in_settings(leaf.path): leaf for leaf in leaves}
    looked = looked_bytes = 0
    for item in listed(leaves):
        leaf = by_name.get(item.name)
        if leaf is None or looked == LOOKED_INTO or looked_bytes + leaf.size > LOOKED_INTO_BYTES:
            yield item
            continue
        looked, looked_bytes = looked + 1, looked_bytes + leaf.size
        shape = shape_of_leaf(leaf, repo)
        yield Item(name=item.name, value=told(leaf, shape), remark=columns_told(shape))
