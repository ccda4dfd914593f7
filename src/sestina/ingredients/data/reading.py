"""The shape of a file in the store, and how it is told in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.errors import SestinaError
from sestina.ingredients.data.formats import shape_of
from sestina.ingredients.data.shape import Shape
from sestina.ingredients.numbers import size
from sestina.ingredients.text import visible
from sestina.kernel.ids import BlobId
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def shape_of_leaf(leaf: Leaf, repo: Repo) -> Shape:
    """Returns the shape of a file in the store; says so where its bytes are not held here."""
    try:
        with repo.contents.open(BlobId(leaf.id)) as stream:
            if leaf.mode == "link":
                return Shape(f"link to {visible(stream.read(200).decode('utf-8', 'replace'))}")
            return shape_of(leaf.path, stream)
    except SestinaError:
        return Shape(leaf.path.rpartition(".")[2][:10], remark="bytes not held by this repo")


def told(leaf: Leaf, shape: Shape) -> str:
    """Returns size, format, rows and columns: `12 MB csv, 336,776 rows × 19 columns`."""
    if leaf.mode == "link":
        return shape.format
    start = f"{size(leaf.size)} {shape.format}".strip()
    return ", ".join(part for part in (start, shape.told()) if part)


def told_first(leaf: Leaf, shape: Shape) -> str:
    """Returns rows, columns and size: what tells two sides apart comes first."""
    if leaf.mode == "link":
        return shape.format
    return ", ".join(part for part in (shape.told(), size(leaf.size)) if part)


def columns_told(shape: Shape) -> str | None:
    """Returns the remark in the margin: what is not known, else the columns with their types."""
    if shape.remark:
        return shape.remark
    shown = [f"{name}: {held}" for name, held in shape.columns[:6]]
    more = len(shape.columns) - len(shown)
    return ", ".join([*shown, *([f"… {more} more"] if more else [])]) or None
