"""Two versions of a Python file, unit by unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sestina.ingredients.code.units import Unit, units
from sestina.ingredients.python import Source

UnitPair = tuple[Unit | None, Unit | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs: pairs of units (None: not on that side), and whether their order does.

    `cosmetic`: no unit differs and the canonical forms are equal.
    """

    pairs: tuple[UnitPair, ...]
    reordered: bool
    cosmetic: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A source as its units, and the canonical form of the whole."""

    units: tuple[Unit, ...]
    meaning: str


def read(text: bytes) -> Read | None:
    """Returns a source as its units, None where this Python cannot parse it."""
    source = Source.read(text)
    if source is None:
        return None
    meaning = source.meaning(source.tree)  # before the units take their parts out of the tree
    try:
        return Read(units(source), meaning)
    except RecursionError:
        return None


def compare(old: bytes, new: bytes) -> Compared | None:
    """Returns what differs between two sources; None where one of them cannot be parsed."""
    before, after = read(old), read(new)
    if before is None or after is None:
        return None
    if before.meaning == after.meaning:
        return Compared((), reordered=False, cosmetic=True)
    pairs = (*_definitions(before.units, after.units), *_statements(before.units, after.units))
    order = [(unit.kind, unit.meaning) for unit in before.units]
    reordered = not pairs and order != [(unit.kind, unit.meaning) for unit in after.units]
    return Compared(pairs, reordered=reordered, cosmetic=False)


def _definitions(old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[UnitPair]:
    """Yields the functions and classes that differ, by name."""
    before, after = _named(old), _named(new)
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None or now is None or was.meaning != now.meaning:
            yield was, now


def _named(found: Sequence[Unit]) -> dict[tuple[str, str], Unit]:
    return {(unit.kind, unit.name): unit for unit in found if unit.kind != "statement"}


def _statements(old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[UnitPair]:
    """Yields the statements that differ; a statement that only moved is paired with itself."""
    before = [unit for unit in old if unit.kind == "statement"]
    after = [unit for unit in new if unit.kind == "statement"]
    matcher = SequenceMatcher(
        None, [unit.meaning for unit in before], [unit.meaning for unit in after], autojunk=False
    )
    gone: list[Unit] = []
    come: list[Unit] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            gone += before[start:end]
            come += after[other_start:other_end]
    for same in (_meaning, _name, _sort):
        yield from _taken(gone, come, same)
    yield from ((unit, None) for unit in gone)
    yield from ((None, unit) for unit in come)


def _meaning(unit: Unit) -> str:
    return unit.meaning


def _name(unit: Unit) -> str:
    return unit.name


def _sort(unit: Unit) -> str:
    return unit.sort


def _taken(gone: list[Unit], come: list[Unit], key: Callable[[Unit], str]) -> Iterator[UnitPair]:
    """Yields pairs with an equal key, and takes them out of both lists."""
    for unit in list(gone):
        other = next((other for other in come if key(other) == key(unit)), None)
        if other is not None:
            gone.remove(unit)
            come.remove(other)
            yield unit, other
