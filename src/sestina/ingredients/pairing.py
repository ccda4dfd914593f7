"""Two trees side by side: which files were added, removed, changed or moved."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sestina.kernel.ids import RecordId
from sestina.records.tree import Mode
from sestina.store import trees
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

Pairs = tuple[tuple[Leaf, Leaf], ...]
MODE_WORDS: dict[Mode, str] = {
    "file": "file",
    "exec": "executable",
    "link": "link",
    "tree": "folder",
}


@dataclass(frozen=True, slots=True)
class Pairing:
    """The leaves of two trees that are not equal. `moved` are the same bytes at another path."""

    added: tuple[Leaf, ...]
    removed: tuple[Leaf, ...]
    changed: Pairs
    moved: Pairs


def pair(a: RecordId, b: RecordId, repo: Repo) -> Pairing:
    """Returns what differs between two trees, each part sorted by path."""
    if a == b:
        return Pairing((), (), (), ())
    old = {leaf.path: leaf for leaf in trees.walk(repo, a)}
    new = {leaf.path: leaf for leaf in trees.walk(repo, b)}
    changed = tuple(
        (leaf, new[path])
        for path, leaf in sorted(old.items())
        if path in new and (leaf.id, leaf.mode) != (new[path].id, new[path].mode)
    )
    gone = [leaf for path, leaf in sorted(old.items()) if path not in new]
    come = [leaf for path, leaf in sorted(new.items()) if path not in old]
    moved = _moved(gone, come)
    left, right = {leaf.path for leaf, _ in moved}, {leaf.path for _, leaf in moved}
    return Pairing(
        added=tuple(leaf for leaf in come if leaf.path not in right),
        removed=tuple(leaf for leaf in gone if leaf.path not in left),
        changed=changed,
        moved=moved,
    )


def _moved(gone: list[Leaf], come: list[Leaf]) -> Pairs:
    """Returns pairs of the same bytes, those that kept their name first; nothing empty moves."""
    by_id: defaultdict[tuple[str, Mode], list[Leaf]] = defaultdict(list)
    for leaf in come:
        if leaf.size:
            by_id[leaf.id, leaf.mode].append(leaf)
    moved = []
    for leaf in gone:
        candidates = by_id[leaf.id, leaf.mode]
        if candidates:
            name = os.path.basename(leaf.path)
            kept = [other for other in candidates if os.path.basename(other.path) == name]
            other = (kept or candidates)[0]
            candidates.remove(other)
            moved.append((leaf, other))
    return tuple(moved)
