"""Two versions of a notebook, cell by cell; outputs and execution counts do not count.

The format is nbformat 4: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from sestina.ingredients.python import Source


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `number` counts from 1. What is not code has no effect on a run."""

    number: int
    is_code: bool
    text: bytes
    meaning: str


CellPair = tuple[Cell | None, Cell | None]


def compare(old: bytes, new: bytes) -> tuple[CellPair, ...] | None:
    """Returns the cells that differ; None where a side is not a notebook."""
    before, after = _cells(old), _cells(new)
    if before is None or after is None:
        return None
    matcher = SequenceMatcher(
        None, [cell.meaning for cell in before], [cell.meaning for cell in after], autojunk=False
    )
    return tuple(
        pair
        for tag, start, end, other_start, other_end in matcher.get_opcodes()
        if tag != "equal"
        for pair in _paired(before[start:end], after[other_start:other_end])
    )


def _paired(old: list[Cell], new: list[Cell]) -> Iterator[CellPair]:
    for is_code in (True, False):
        yield from zip_longest(
            [cell for cell in old if cell.is_code is is_code],
            [cell for cell in new if cell.is_code is is_code],
        )


def _cells(data: bytes) -> list[Cell] | None:
    try:
        cells = json.loads(data)["cells"]
        return [_cell(number, cell) for number, cell in enumerate(cells, start=1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _cell(number: int, cell: dict[str, object]) -> Cell:
    given = cell["source"]
    text = "".join(given) if isinstance(given, list) else str(given)
    data = text.encode("utf-8", "surrogatepass")
    is_code = cell["cell_type"] == "code"
    source = Source.read(data) if is_code else None
    meaning = source.meaning(source.tree) if source is not None else text.strip()
    return Cell(number, is_code, data, f"{cell['cell_type']}:{meaning}")
