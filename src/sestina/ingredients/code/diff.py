"""What differs in code, to the point: the function, the statement, the cell, the command."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.ingredients import changes
from sestina.ingredients.changes import Kind, difference
from sestina.ingredients.code import notebook, sources
from sestina.ingredients.code.wanderers import Stray, Wanderers
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.pairing import pair
from sestina.ingredients.text import inline, same_text, unified
from sestina.kernel.ids import RecordId
from sestina.records.answers import Change, Difference, Place
from sestina.records.ingredient import CodeRecord
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_SHORT = 24
"""Bytes of a statement that are shown on both sides without the lines that differ."""
PYTHON = (".py", ".pyw")
Leaves = tuple[Leaf, ...]


def diff(a: RecordId, b: RecordId, repo: Repo) -> Difference:
    """Returns the functions, statements, cells, files and words of the command that differ."""
    if a == b:
        return Difference(changes=())
    old, new = repo.records.get(a, CodeRecord), repo.records.get(b, CodeRecord)
    return difference([*_command(old, new), *_Files(repo).compare(old.files, new.files)])


def _command(old: CodeRecord, new: CodeRecord) -> Iterator[Change]:
    spelled = shlex.join(old.command), shlex.join(new.command)
    for kind, (before, after) in {"command": spelled, "folder": (old.folder, new.folder)}.items():
        if before != after:
            yield _change(Place(kind=kind, path=None, name=None), before, after)


class _Files:
    """One comparison of two trees; definitions that came or went wait until all files are seen."""

    def __init__(self, repo: Repo):
        self._repo = repo
        self._wanderers = Wanderers()

    def compare(self, old: RecordId, new: RecordId) -> Iterator[Change]:
        found = pair(old, new, self._repo)
        for before, after in found.moved:
            yield changes.moved("code", before, after)
        for before, after in found.changed:
            if before.mode != after.mode:
                yield changes.remoded("code", before, after)
            if before.id != after.id:
                yield from self._changed(before, after)
        yield from self._come_and_gone(found.removed, found.added)
        for gone, come in self._wanderers.settle():
            if gone is not None and come is not None:
                yield _moved(gone, come)
            else:
                yield _unit(gone, come)

    def _changed(self, old: Leaf, new: Leaf) -> Iterator[Change]:
        before, after = changes.read(old, self._repo), changes.read(new, self._repo)
        if before is None or after is None or "link" in (old.mode, new.mode):
            yield _file(old, new)
            return
        compared = sources.compare(before, after) if _is_python(new, after) else None
        cells = notebook.compare(before, after) if new.path.endswith(".ipynb") else None
        if compared is not None:
            yield from self._units(old, new, compared, unified(before, after))
        elif cells:
            yield from (_cell(new.path, was, now) for was, now in cells)
        elif cells is not None:
            yield _file(old, new, cosmetic=True, detail=("only outputs or layout",))
        else:
            cosmetic = same_text(before, after)
            yield _file(old, new, cosmetic=cosmetic, detail=unified(before, after))

    def _units(
        self, old: Leaf, new: Leaf, compared: sources.Compared, lines: tuple[str, ...]
    ) -> Iterator[Change]:
        if compared.cosmetic:
            yield _file(old, new, cosmetic=True, detail=lines)
        if compared.reordered:
            yield _file(old, new, "moved", detail=("the same definitions in another order",))
        for was, now in compared.pairs:
            before, after = was and Stray(new.path, was), now and Stray(new.path, now)
            if before and after:
                yield _unit(before, after)
            elif before:
                self._wanderers.gone.append(before)
            elif after:
                self._wanderers.come.append(after)

    def _come_and_gone(self, removed: Leaves, added: Leaves) -> Iterator[Change]:
        """Yields whole files; a Python file that only changed its layout on the way is moved."""
        reads = {leaf.path: read for leaf in (*removed, *added) if (read := self._read(leaf))}
        arriving = defaultdict(list)
        for leaf in added:
            if leaf.path in reads:
                arriving[reads[leaf.path].meaning].append(leaf)
        arrived = set()
        for leaf in removed:
            same = arriving[reads[leaf.path].meaning] if leaf.path in reads else []
            if same:
                other = same.pop(0)
                arrived.add(other.path)
                yield changes.moved("code", leaf, other, detail=("its layout changed too",))
            else:
                yield changes.removed("code", leaf)
                self._wanderers.gone += _loose(leaf, reads)
        for leaf in added:
            if leaf.path not in arrived:
                yield changes.added("code", leaf)
                self._wanderers.come += _loose(leaf, reads)

    def _read(self, leaf: Leaf) -> sources.Read | None:
        data = changes.read(leaf, self._repo) if leaf.mode != "link" else None
        read = sources.read(data) if data is not None and _is_python(leaf, data) else None
        return read if read is not None and read.units else None


def _loose(leaf: Leaf, reads: dict[str, sources.Read]) -> list[Stray]:
    """Returns the definitions of a file that is itself reported; they count only where moved."""
    units = reads[leaf.path].units if leaf.path in reads else ()
    return [Stray(leaf.path, unit, alone=False) for unit in units]


def _moved(gone: Stray, come: Stray) -> Change:
    before, after = gone.unit.name, come.unit.name
    if gone.path != come.path:
        before = f"{as_in_settings(gone.path)}:{before}"
        after = f"{as_in_settings(come.path)}:{after}"
    return _change(
        Place(kind=come.unit.kind, path=come.path, name=come.unit.name), before, after, "moved"
    )


def _unit(gone: Stray | None, come: Stray | None) -> Change:
    """Returns the change of one unit in its file."""
    stray = come or gone
    assert stray is not None
    place = Place(kind=stray.unit.kind, path=stray.path, name=stray.unit.name)
    before = None if gone is None else inline(gone.unit.text)
    after = None if come is None else inline(come.unit.text)
    if gone is None or come is None:
        return _change(place, before, after, "added" if gone is None else "removed")
    if gone.unit.meaning == come.unit.meaning:
        return _change(place, before, after, "moved", detail=("to another place in the file",))
    told = max(len(gone.unit.text), len(come.unit.text)) <= _SHORT
    detail = () if told else unified(gone.unit.text, come.unit.text)
    return _change(place, before, after, detail=detail)


def _cell(path: str, old: notebook.Cell | None, new: notebook.Cell | None) -> Change:
    cell = new or old
    assert cell is not None
    return _change(
        Place(kind="cell", path=path, name=f"cell {cell.number}"),
        None if old is None else inline(old.text),
        None if new is None else inline(new.text),
        "added" if old is None else "removed" if new is None else "changed",
        cosmetic=not cell.is_code,
        detail=unified(old.text, new.text) if old and new else (),
    )


def _file(
    old: Leaf,
    new: Leaf,
    kind: Kind = "changed",
    *,
    cosmetic: bool = False,
    detail: tuple[str, ...] = (),
) -> Change:
    place = Place(kind="file", path=new.path, name=None)
    return _change(place, old.id, new.id, kind, cosmetic=cosmetic, detail=detail)


def _is_python(leaf: Leaf, data: bytes) -> bool:
    first = data[:128].partition(b"\n")[0]
    return leaf.path.endswith(PYTHON) or (first.startswith(b"#!") and b"python" in first)


def _change(
    place: Place,
    before: str | None,
    after: str | None,
    kind: Kind = "changed",
    *,
    cosmetic: bool = False,
    detail: tuple[str, ...] = (),
) -> Change:
    return Change(
        ingredient="code",
        place=place,
        before=before,
        after=after,
        kind=kind,
        cosmetic=cosmetic,
        detail=detail,
    )
