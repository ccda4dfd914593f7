"""How each generator was seeded, and what became of it: facts of a run, not identity.

A literal seed in source belongs to code; here is what took effect, wherever it came from.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sestina.ingredients.seed.names import is_seed_name
from sestina.kernel import escape
from sestina.records.facts import Sowing
from sestina.records.paths import Roots
from sestina.records.testimony import EstimatorSeen, SeedSet, Testimony

UNTOUCHED, UNKNOWN, SEEDED = "untouched", "unknown", "seeded"
UNSEEDED = "unseeded draws"
NOT_SEEDED = "not seeded"
_WORST = (UNTOUCHED, SEEDED, UNKNOWN, UNSEEDED)
_NULL = "null"
_DRAW_FROM_NUMPY = ("sklearn.", "imblearn.")
"""Without a seed of their own; boosted trees have one by default."""
_MOST = 3


def sowings(testimony: Testimony, roots: Roots) -> tuple[Sowing, ...]:
    """Returns every generator that was there with what became of it, sorted.

    Of several processes the worst state counts. Lines that drew without a seed are told where
    they were traced; estimators with their seeds, and without where that made them draw at random.
    """
    states: dict[str, str] = {}
    for drawn in testimony.draws:
        known = states.get(drawn.generator, UNTOUCHED)
        states[drawn.generator] = max(known, drawn.state, key=_badness)
    seeds: defaultdict[str, list[SeedSet]] = defaultdict(list)
    for seed in testimony.seeds:
        seeds[seed.generator].append(seed)
    found = {
        Sowing(generator=generator, state=state, value=None, place=None)
        for generator, state in states.items()
        if generator not in seeds
    }
    for generator, given in seeds.items():
        found.update(_sown(generator, given, states.get(generator), roots))
    for estimator in testimony.estimators:
        found.update(_fitted(estimator, states, roots))
    found |= {
        Sowing(
            generator=site.generator,
            state=UNSEEDED,
            value=f"{site.function} ({site.count})" if site.count else site.function,
            place=_place(site.file, site.line, roots),
        )
        for site in testimony.draw_sites
        if states.get(site.generator, UNSEEDED) == UNSEEDED
    }
    return tuple(
        sorted(
            found, key=lambda held: (held.generator, held.place or "", held.state, held.value or "")
        )
    )


def _sown(
    generator: str, seeds: Sequence[SeedSet], drawn: str | None, roots: Roots
) -> Iterator[Sowing]:
    """Yields the seeds of one generator; after draws without one they are only told beside."""
    given = [seed for seed in seeds if seed.value != _NULL]
    for seed in seeds if drawn != UNSEEDED else set(seeds) - set(given):
        from_machine = seed.value == _NULL
        yield Sowing(
            generator=generator,
            state=NOT_SEEDED if from_machine else _state(drawn),
            value=None if from_machine else seed.value,
            place=_place(seed.file, seed.line, roots),
        )
    if drawn == UNSEEDED:
        values = list(dict.fromkeys(seed.value for seed in given))
        places = {_place(seed.file, seed.line, roots) for seed in given}
        yield Sowing(
            generator=generator,
            state=UNSEEDED,
            value=f"beside seed{'s' * (len(values) > 1)} {_few(values)}" if values else None,
            place=places.pop() if len(places) == 1 else None,
        )


def _fitted(estimator: EstimatorSeen, states: Mapping[str, str], roots: Roots) -> Iterator[Sowing]:
    """Yields the seeds of an estimator.

    One that has none takes NumPy's global generator, which is a warning if nobody seeded that.
    """
    draws = estimator.cls.startswith(_DRAW_FROM_NUMPY) and states.get("numpy") == UNSEEDED
    for name, value in estimator.params:
        if is_seed_name(name) and (draws or value != _NULL):
            yield Sowing(
                generator=estimator.cls,
                state=_given(value),
                value=f"{name} {value}",
                place=_place(estimator.file, estimator.line, roots),
            )


def _given(value: str) -> str:
    """Returns what a value makes of its estimator; of a generator given in its place, unknown."""
    if value == _NULL:
        return NOT_SEEDED
    return SEEDED if value.lstrip("-").isdecimal() else UNKNOWN


def _few(values: list[str]) -> str:
    left = len(values) - _MOST
    return ", ".join(values[:_MOST]) + (f" and {left} more" if left > 0 else "")


def _badness(state: str) -> int:
    return _WORST.index(state) if state in _WORST else _WORST.index(UNKNOWN)


def _state(drawn: str | None) -> str:
    """Returns the state of a generator that was seeded: only draws before that make it worse."""
    return SEEDED if drawn in (None, UNTOUCHED) else drawn or SEEDED


def _place(file: str, line: int, roots: Roots) -> str | None:
    if not file:
        return None
    path = os.fsencode(file)
    return f"{roots.logical(path) if path.startswith(b'/') else escape.to_text(path)}:{line}"
