"""How each generator was seeded, and what became of it: facts of a run, not identity.

A literal seed in source belongs to code; here is what took effect, wherever it came from.
"""

from __future__ import annotations

import os

from sestina.kernel import escape
from sestina.records.facts import Sowing
from sestina.records.paths import Roots
from sestina.records.testimony import Testimony

UNTOUCHED, UNKNOWN, SEEDED = "untouched", "unknown", "seeded"
UNSEEDED = "unseeded draws"
_WORST = (UNTOUCHED, SEEDED, UNKNOWN, UNSEEDED)


def sowings(testimony: Testimony, roots: Roots) -> tuple[Sowing, ...]:
    """Returns every generator that was there with what became of it, sorted.

    Of several processes the worst state counts. Lines that drew without a seed are told where
    they were traced.
    """
    states: dict[str, str] = {}
    for drawn in testimony.draws:
        known = states.get(drawn.generator, UNTOUCHED)
        states[drawn.generator] = max(known, drawn.state, key=_badness)
    found = {
        Sowing(
            generator=seed.generator,
            state=_state(states.get(seed.generator)),
            value=seed.value,
            place=_place(seed.file, seed.line, roots),
        )
        for seed in testimony.seeds
    }
    sown = {sowing.generator for sowing in found}
    found |= {
        Sowing(generator=generator, state=state, value=None, place=None)
        for generator, state in states.items()
        if generator not in sown
    }
    found |= {
        Sowing(
            generator=site.generator,
            state=UNSEEDED,
            value=f"{site.function} ({site.count})",
            place=_place(site.file, site.line, roots),
        )
        for site in testimony.draw_sites
    }
    return tuple(
        sorted(
            found, key=lambda held: (held.generator, held.place or "", held.state, held.value or "")
        )
    )


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
