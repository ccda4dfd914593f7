"""Many files as few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.numbers import count, size
from sestina.records.answers import Item
from sestina.store.trees import Leaf

MANY = 20
"""Files of one folder that are still listed one by one."""

MANY_FOLDERS = 50
"""Folders that are still told apart; more are told by the outermost folder they lie in."""


def listed(leaves: Sequence[Leaf]) -> Iterator[Item]:
    """Yields a line per file, and one per folder where a folder holds many."""
    folders: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        folders.setdefault(folder_of(leaf.path), []).append(leaf)
    if len(folders) > MANY_FOLDERS:
        folders = _outermost(folders)
    for folder, held in sorted(folders.items()):
        if len(held) > MANY:
            total = size(sum(leaf.size for leaf in held))
            yield Item(
                name=f"{as_in_settings(folder)}/", value=f"{count(len(held), 'file')}, {total}"
            )
            continue
        for leaf in held:
            told = "link" if leaf.mode == "link" else size(leaf.size)
            yield Item(name=as_in_settings(leaf.path), value=told)


def _outermost(folders: dict[str, list[Leaf]]) -> dict[str, list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for folder, held in folders.items():
        found.setdefault(folder.partition("/")[0], []).extend(held)
    return found


def folder_of(path: str) -> str:
    """Returns the logical path of the folder that a file lies in.

    >>> folder_of("project:a/b.csv"), folder_of("project:b.csv")
    ('project:a', 'project:')
    """
    root, _, rest = path.partition(":")
    return f"{root}:{rest.rpartition('/')[0]}"
