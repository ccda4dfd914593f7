"""What differs in data, file by file, with the shape of each side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sestina.ingredients import changes
from sestina.ingredients.changes import difference
from sestina.ingredients.data.naming import Names
from sestina.ingredients.data.reading import shape_of_leaf, told_first
from sestina.ingredients.data.shape import changes as column_changes
from sestina.ingredients.data.values import same_values
from sestina.ingredients.folders import folder_of
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.numbers import count
from sestina.ingredients.pairing import pair
from sestina.ingredients.text import unified
from sestina.kernel.ids import RecordId, short
from sestina.records.answers import Change, Difference, Place
from sestina.records.ingredient import DataRecord
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

MANY = 100
"""Changes of one kind in one folder that are still told one by one."""
_EXAMPLES = 5
_MAX_LINES = 10
_MAX_SHOWN = 1 << 20


def diff(a: RecordId, b: RecordId, repo: Repo) -> Difference:
    """Returns the files that were added, removed, changed or moved, and datasets renamed.

    A changed file tells size, rows and columns of both sides; `cosmetic` where the values are
    equal in other bytes (up to 64 MiB). More than 100 changes of one kind in one folder are one.
    """
    if a == b:
        return Difference(changes=())
    old, new = repo.records.get(a, DataRecord), repo.records.get(b, DataRecord)
    files = _Files(repo, Names(old.datasets), Names(new.datasets))
    found = [*files.compare(old.files, new.files), *files.renamed()]
    return difference(_folded(found))


class _Files:
    def __init__(self, repo: Repo, old: Names, new: Names):
        self._repo = repo
        self._old = old
        self._new = new

    def compare(self, old: RecordId, new: RecordId) -> Iterator[Change]:
        found = pair(old, new, self._repo)
        for before, after in found.moved:
            yield changes.moved("data", before, after, self._new.of(after.path))
        for before, after in found.changed:
            if before.mode != after.mode:
                yield changes.remoded("data", before, after, self._new.of(after.path))
            if before.id != after.id:
                yield self._changed(before, after)
        few = len(found.removed) + len(found.added) <= MANY
        for leaf in found.removed:
            text = self._told(leaf) if few else None
            yield changes.removed("data", leaf, self._old.of(leaf.path), text)
        for leaf in found.added:
            text = self._told(leaf) if few else None
            yield changes.added("data", leaf, self._new.of(leaf.path), text)

    def renamed(self) -> Iterator[Change]:
        """Yields the datasets whose patterns differ; the bytes do not."""
        before, after = self._old.patterns, self._new.patterns
        for name in sorted(before.keys() | after.keys()):
            was, now = before.get(name), after.get(name)
            if was != now:
                yield Change(
                    ingredient="data",
                    place=Place(kind="dataset", path=None, name=name),
                    before=None if was is None else ", ".join(was),
                    after=None if now is None else ", ".join(now),
                    kind="added" if was is None else "removed" if now is None else "changed",
                    cosmetic=True,
                )

    def _told(self, leaf: Leaf) -> str:
        return told_first(leaf, shape_of_leaf(leaf, self._repo))

    def _changed(self, old: Leaf, new: Leaf) -> Change:
        place = Place(kind="file", path=new.path, name=self._new.of(new.path))
        was, now = shape_of_leaf(old, self._repo), shape_of_leaf(new, self._repo)
        before, after = told_first(old, was), told_first(new, now)
        if before == after:
            before, after = f"{before} [{short(old.id)}]", f"{after} [{short(new.id)}]"
        cosmetic, lines = self._compared(old, new)
        detail = (*column_changes(was.columns, now.columns), *lines)
        return Change(
            ingredient="data",
            place=place,
            before=before,
            after=after,
            kind="changed",
            cosmetic=cosmetic,
            detail=detail,
        )

    def _compared(self, old: Leaf, new: Leaf) -> tuple[bool, tuple[str, ...]]:
        """Returns whether the values are equal, and lines that differ where lines are short."""
        before, after = changes.read(old, self._repo), changes.read(new, self._repo)
        if before is None or after is None or "link" in (old.mode, new.mode):
            return False, ()
        if same_values(new.path, before, after):
            return True, ("the same values in other bytes",)
        if max(len(before), len(after)) > _MAX_SHOWN:
            return False, ()
        lines = unified(before, after, context=0)
        if len(lines) > _MAX_LINES:
            lines = (*lines[:_MAX_LINES], "…")
        return False, tuple(line[:100] for line in lines)


def _folded(found: Iterable[Change]) -> Iterator[Change]:
    """Yields the changes; those of one kind in one folder are one where they are many."""
    groups: defaultdict[tuple[str, str | None, str, bool], list[Change]] = defaultdict(list)
    for change in found:
        path = change.place.path
        if path is None or change.place.kind != "file":
            yield change
        else:
            key = folder_of(path), change.place.name, change.kind, change.cosmetic
            groups[key].append(change)
    for (folder, name, kind, cosmetic), held in groups.items():
        if len(held) <= MANY:
            yield from held
            continue
        words = f"{count(len(held), 'file')} {kind}"
        names = sorted(PurePosixPath(change.place.path or "").name for change in held)
        yield Change(
            ingredient="data",
            place=Place(kind="folder", path=folder, name=name),
            before=None if kind == "added" else words,
            after=None if kind == "removed" else words,
            kind=held[0].kind,
            cosmetic=cosmetic,
            detail=(f"in {as_in_settings(folder)}/: {', '.join(names[:_EXAMPLES])}, …",),
        )
