"""Code for people."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.ingredients.folders import listed
from sestina.ingredients.numbers import count, shortened, size
from sestina.ingredients.text import visible
from sestina.kernel.ids import RecordId
from sestina.records.answers import Description, Item
from sestina.records.ingredient import CodeRecord
from sestina.store import trees

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def describe(record: RecordId, repo: Repo) -> Description:
    """Returns the command, the folder it ran in, and the source files with their sizes."""
    held = repo.records.get(record, CodeRecord)
    leaves = list(trees.walk(repo, held.files))
    command = visible(shlex.join(held.command))
    total = f"{count(len(leaves), 'file')}, {size(sum(leaf.size for leaf in leaves))}"
    summary = f"{shortened(command, 57 - len(total))} · {total}" if command else total

    def items() -> Iterator[Item]:
        yield Item(name="command", value=command or "none")
        yield Item(name="folder", value=held.folder)
        yield from listed(leaves)

    return Description(ingredient="code", summary=summary, items=tuple(items()))
