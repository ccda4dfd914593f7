"""Changes of files, in the words that every ingredient uses for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from sestina.errors import SestinaError
from sestina.ingredients.pairing import MODE_WORDS
from sestina.kernel.ids import BlobId
from sestina.records.answers import Change, Difference, Place
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

Kind = Literal["added", "removed", "changed", "moved"]
MAX_READ = 64 << 20
"""Bytes. Bigger files are compared by their ids alone."""


def difference(changes: Iterable[Change]) -> Difference:
    """Returns the changes, sorted by where they are."""
    return Difference(changes=tuple(sorted(changes, key=_order)))


def _order(change: Change) -> tuple[str, str, str, str, str, str]:
    place = change.place
    sides = change.before or "", change.after or ""
    return place.path or "", place.kind, place.name or "", change.kind, *sides


def added(ingredient: str, leaf: Leaf, name: str | None = None, text: str | None = None) -> Change:
    """Returns the change of a file that is new; `text` says more of it than its id."""
    place = Place(kind="file", path=leaf.path, name=name)
    return Change(
        ingredient=ingredient, place=place, before=None, after=text or leaf.id, kind="added"
    )


def removed(
    ingredient: str, leaf: Leaf, name: str | None = None, text: str | None = None
) -> Change:
    """Returns the change of a file that is no more; `text` says more of it than its id."""
    place = Place(kind="file", path=leaf.path, name=name)
    return Change(
        ingredient=ingredient, place=place, before=text or leaf.id, after=None, kind="removed"
    )


def moved(
    ingredient: str,
    old: Leaf,
    new: Leaf,
    name: str | None = None,
    detail: tuple[str, ...] = (),
) -> Change:
    """Returns the change of a file that has another path."""
    return Change(
        ingredient=ingredient,
        place=Place(kind="file", path=new.path, name=name),
        before=old.path,
        after=new.path,
        kind="moved",
        detail=detail,
    )


def remoded(ingredient: str, old: Leaf, new: Leaf, name: str | None = None) -> Change:
    """Returns the change of a file that became executable, a link, or a plain file again."""
    return Change(
        ingredient=ingredient,
        place=Place(kind="file", path=new.path, name=name),
        before=MODE_WORDS[old.mode],
        after=MODE_WORDS[new.mode],
        kind="changed",
    )


def read(leaf: Leaf, repo: Repo) -> bytes | None:
    """Returns the bytes of a file; None where it is too big to look at, or not held here."""
    if leaf.size > MAX_READ:
        return None
    try:
        return repo.contents.read(BlobId(leaf.id))
    except SestinaError:
        return None
