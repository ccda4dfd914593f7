"""Definitions that left one place and turned up in another, perhaps under a new name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sestina.ingredients.code.units import Unit


@dataclass(frozen=True, slots=True)
class Stray:
    """A unit and its file. One that is not `alone` came or went with its whole file."""

    path: str
    unit: Unit
    alone: bool = True


@dataclass(slots=True)
class Wanderers:
    """What is gone from one side and has come on the other, over all files."""

    gone: list[Stray] = field(default_factory=list)
    come: list[Stray] = field(default_factory=list)

    def settle(self) -> Iterator[tuple[Stray | None, Stray | None]]:
        """Yields pairs of what moved, then what merely went or came.

        Only a likeness that occurs once on each side is a move: two functions that do nothing
        look alike.
        """
        left, right = _alike(self.gone), _alike(self.come)
        settled = set()
        for likeness, gone in left.items():
            come = right.get(likeness, [])
            if len(gone) == len(come) == 1:
                settled.add(likeness)
                if gone[0].alone or come[0].alone:
                    yield gone[0], come[0]
        for stray in self.gone:
            if stray.alone and _likeness(stray.unit) not in settled:
                yield stray, None
        for stray in self.come:
            if stray.alone and _likeness(stray.unit) not in settled:
                yield None, stray


def _alike(strays: list[Stray]) -> dict[tuple[str, str], list[Stray]]:
    found = defaultdict(list)
    for stray in strays:
        if stray.unit.nameless:
            found[_likeness(stray.unit)].append(stray)
    return found


def _likeness(unit: Unit) -> tuple[str, str]:
    return unit.kind, unit.nameless
