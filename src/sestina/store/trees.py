"""Trees: folders as records, one per folder, so that an unchanged folder is kept once.

A folder of more than 1024 names is split by the first hex digit of the SHA-256 of each name, as
often as it takes. Its record then holds entries of mode `part`, named by that digit; so a change
of one file among many thousands writes small records. The split depends on the names alone, so
equal folders have equal ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput
from sestina.kernel import escape
from sestina.kernel.ids import RecordId
from sestina.records import paths
from sestina.records.tree import Mode, Tree, TreeEntry

if TYPE_CHECKING:
    from sestina.store.repo import Repo

SPLIT = 1024
_Folder = dict[bytes, "TreeEntry | _Folder"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file or link in a tree: its logical path, mode, blob and size."""

    path: str
    mode: Mode
    id: str
    size: int


def build(repo: Repo, leaves: Iterable[Leaf]) -> RecordId:
    """Returns the top tree that holds `leaves`, with one entry per root.

    Raises InvalidInput where two leaves contradict each other or a path is not one of a file.
    """
    top: _Folder = {}
    for leaf in leaves:
        _place(top, leaf)
    return RecordId(_write(repo, top))


def walk(repo: Repo, identifier: str) -> Iterator[Leaf]:
    """Yields every leaf of a top tree; each folder sorted by the raw bytes of its names."""
    for root, entry in _listed(repo, identifier):
        if entry.mode == "tree":
            yield from _walk(repo, entry.id, f"{root.decode()}:")


def read(repo: Repo, identifier: str, logical: str) -> Leaf | None:
    """Returns the leaf at a logical path of a top tree, None where there is none."""
    root, names = _names(logical)
    folder: str | None = identifier
    for name in (root, *names[:-1]):
        entry = _find(repo, folder, name) if folder else None
        folder = entry.id if entry is not None and entry.mode == "tree" else None
    entry = _find(repo, folder, names[-1]) if folder else None
    if entry is None or entry.mode == "tree":
        return None
    return Leaf(logical, entry.mode, entry.id, entry.size)


def _names(logical: str) -> tuple[bytes, list[bytes]]:
    try:
        root, rest = paths.split(logical)
    except ValueError as error:
        raise InvalidInput("invalid-input/path", str(error)) from None
    names = rest.split(b"/")
    if not all(names) or b"." in names or b".." in names:
        raise InvalidInput(
            "invalid-input/path",
            f"'{logical}' is not the path of a file",
            why="no part of a path is empty, '.' or '..'",
        )
    return root.encode(), names


def _place(top: _Folder, leaf: Leaf) -> None:
    root, names = _names(leaf.path)
    folder = top
    for name in (root, *names[:-1]):
        inner = folder.setdefault(name, {})
        if isinstance(inner, TreeEntry):
            raise _twice(leaf)
        folder = inner
    entry = TreeEntry(name=escape.to_text(names[-1]), mode=leaf.mode, id=leaf.id, size=leaf.size)
    if folder.setdefault(names[-1], entry) != entry:
        raise _twice(leaf)


def _twice(leaf: Leaf) -> InvalidInput:
    return InvalidInput("invalid-input/tree", f"'{leaf.path}' stands for two things in one tree")


def _write(repo: Repo, top: _Folder) -> str:
    """Folders may nest deeper than calls may, so the deepest are written first, in a list."""
    waiting: list[tuple[_Folder, bytes, _Folder]] = []
    found = [top]
    for folder in found:
        for name, inner in folder.items():
            if isinstance(inner, dict):
                waiting.append((folder, name, inner))
                found.append(inner)
    for above, name, folder in reversed(waiting):
        identifier, size = _write_entries(repo, _sorted(folder), 0)
        above[name] = TreeEntry(name=escape.to_text(name), mode="tree", id=identifier, size=size)
    return _write_entries(repo, _sorted(top), 0)[0]


def _sorted(folder: _Folder) -> list[tuple[bytes, TreeEntry]]:
    entries = [(name, entry) for name, entry in folder.items() if isinstance(entry, TreeEntry)]
    return sorted(entries, key=lambda item: item[0])


def _write_entries(
    repo: Repo, entries: list[tuple[bytes, TreeEntry]], depth: int
) -> tuple[str, int]:
    size = sum(entry.size for _, entry in entries)
    if len(entries) <= SPLIT:
        return repo.records.add(Tree(entries=tuple(entry for _, entry in entries))), size
    parts: dict[str, list[tuple[bytes, TreeEntry]]] = {}
    for name, entry in entries:
        parts.setdefault(_digit(name, depth), []).append((name, entry))
    split = []
    for digit in sorted(parts):
        identifier, part_size = _write_entries(repo, parts[digit], depth + 1)
        split.append(TreeEntry(name=digit, mode="part", id=identifier, size=part_size))
    return repo.records.add(Tree(entries=tuple(split))), size


def _digit(name: bytes, depth: int) -> str:
    return hashlib.sha256(name).hexdigest()[depth]


def _listed(repo: Repo, identifier: str) -> list[tuple[bytes, TreeEntry]]:
    found = list(_unsorted(repo, identifier))
    found.sort(key=lambda item: item[0])
    return found


def _unsorted(repo: Repo, identifier: str) -> Iterator[tuple[bytes, TreeEntry]]:
    for entry in repo.records.get(identifier, Tree).entries:
        if entry.mode == "part":
            yield from _unsorted(repo, entry.id)
        else:
            yield escape.to_bytes(entry.name), entry


def _walk(repo: Repo, identifier: str, above: str) -> Iterator[Leaf]:
    waiting = [(above, iter(_listed(repo, identifier)))]
    while waiting:
        above, entries = waiting[-1]
        for _, entry in entries:
            path = above + entry.name
            if entry.mode == "tree":
                waiting.append((path + "/", iter(_listed(repo, entry.id))))
                break
            yield Leaf(path, entry.mode, entry.id, entry.size)
        else:
            waiting.pop()


def _find(repo: Repo, identifier: str, name: bytes, depth: int = 0) -> TreeEntry | None:
    entries = repo.records.get(identifier, Tree).entries
    split = bool(entries) and entries[0].mode == "part"
    wanted = _digit(name, depth) if split else escape.to_text(name)
    for entry in entries:
        if entry.name == wanted:
            return _find(repo, entry.id, name, depth + 1) if split else entry
    return None
