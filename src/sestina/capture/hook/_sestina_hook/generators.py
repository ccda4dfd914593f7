"""What became of the global generators: untouched, seeded, or drawn from without a seed.

Their state when they were imported is compared with the state at the end; what libraries draw
while they are imported is left out of it.
"""

from __future__ import annotations

import os
import sys
import time

from . import at_work, diary
from .seeds import sown
from .taps import find, outside, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

UNTOUCHED, SEEDED, UNSEEDED, UNKNOWN = "untouched", "seeded", "unseeded draws", "unknown"
_SECONDS = 0.05
_BLOCK = 624  # words of the Mersenne twister's state
_endings: list[Callable[[], tuple[str, str]]] = []
_forkings: list[Callable[[], None]] = []
is_sown: dict[str, Callable[[], bool]] = {}
"""Whether a generator has a seed now, by its name."""


def forked() -> None:
    """A forked process answers for its own draws, not for those of its parent."""
    _told.clear()
    for forking in _forkings:
        try:
            forking()
        except Exception:  # noqa: S112
            continue


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forked)


_told: dict[int, str] = {}


def tell(again: bool = True) -> None:
    """Writes the fate of every generator that was imported, where it is new.

    Without `again`, a fate that cannot get better, or took long to find, is not looked for twice.
    """
    for number, ending in enumerate(_endings):
        if not again and _told.get(number) in (UNSEEDED, UNKNOWN):
            continue
        try:
            generator, state = ending()
        except Exception:  # noqa: S112
            continue
        if _told.get(number) != state:
            _told[number] = state
            diary.note({"k": "draws", "generator": generator, "state": state})


def random_arrived(module: ModuleType) -> None:
    """Both ways of setting the state are pure Python, so the answer is certain."""
    whole: Any = module
    instance = whole._inst
    fate = _Fate(instance.getstate())

    def settle() -> None:
        if fate.seeded or fate.drawn:
            return
        now = instance.getstate()
        if at_work.is_library():
            fate.state = now
        fate.drawn = now != fate.state

    def look(one: Any, *_: object) -> None:
        if one is instance:
            settle()

    def seeded(_: object, one: Any, seed: object = None, *__: object) -> None:
        if one is instance:
            fate.state, fate.seeded = one.getstate(), seed is not None
            if seed is not None:
                sown("random", seed, outside(sys._getframe(2), "random"))

    def restored(_: object, one: Any, state: object) -> None:
        if one is instance:
            fate.state, fate.seeded = one.getstate(), True

    def ending() -> tuple[str, str]:
        settle()
        return "random", UNSEEDED if fate.drawn else SEEDED if fate.seeded else UNTOUCHED

    def forking() -> None:  # `random` seeds itself anew in the child, before or after this
        fate.state, fate.seeded, fate.drawn = instance.getstate(), False, False

    _forkings.append(forking)
    is_sown["random"] = lambda: fate.seeded
    tap(find(module, "Random.seed"), before=look, after=seeded)
    tap(find(module, "Random.setstate"), before=look, after=restored)
    at_work.turns.append(settle)
    _endings.append(ending)


class _Fate:
    """The state of a generator since its last seed, and what happened before."""

    def __init__(self, state: object) -> None:
        self.state = state
        self.seeded = False
        self.drawn = False


def numpy_arrived(module: ModuleType) -> None:
    """The legacy generator forgets its `seed_seq` when it is given a seed by `np.random.seed`."""
    whole: Any = module
    instance = whole._rand
    known = [instance.get_state()]
    changes: list[tuple[Any, Any]] = []  # states before and after the program's own work

    def origin() -> object:
        bits = instance._bit_generator
        return getattr(bits, "seed_seq", getattr(bits, "_seed_seq", _UNKNOWN))

    def settle() -> None:
        if origin() is None or changes:
            return
        now = instance.get_state()
        if not at_work.is_library() and not _alike(now, known[0]):
            changes.append((known[0], now))
        known[0] = now

    def ending() -> tuple[str, str]:
        settle()
        drawn = changes and origin() is not _UNKNOWN and _leads_to(whole.RandomState(), *changes[0])
        if drawn:
            return "numpy", UNSEEDED
        if origin() is None and not _alike(instance.get_state(), known[0]):
            return "numpy", SEEDED
        return "numpy", UNKNOWN if changes else UNTOUCHED

    def forking() -> None:
        changes.clear()
        known[0] = instance.get_state()

    _forkings.append(forking)
    is_sown["numpy"] = lambda: origin() is None
    at_work.turns.append(settle)
    _endings.append(ending)


_UNKNOWN = object()


def _alike(one: Any, other: Any) -> bool:
    return _words(one) == _words(other) and tuple(one[2:]) == tuple(other[2:])


def _words(state: Any) -> bytes:
    words: bytes = state[1].tobytes()
    return words


def _leads_to(spare: Any, began: Any, now: Any) -> bool:
    """Returns True when drawing from `began` reaches `now`: then nobody put another state there.

    The 624 words of the state are renewed as a block, and a block that is drawn from its first
    word on says which it is. So the outputs of both are compared, a thousand blocks at a time.
    """
    spare.set_state((now[0], now[1], 0))
    wanted = spare.bytes(4 * _BLOCK)
    spare.set_state((began[0], began[1], 0))
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        if wanted in spare.bytes(4 * _BLOCK * 1000):
            return True
    return False


def torch_arrived(module: ModuleType) -> None:
    """The default generator is seeded by the machine until the program does."""
    torch: Any = module
    began_seed, began = torch.initial_seed(), torch.get_rng_state()
    unsown: list[int] = [began_seed]
    tap(find(module, "random.seed"), after=lambda seed, *_: unsown.append(seed))

    def ending() -> tuple[str, str]:
        if torch.initial_seed() not in unsown:
            return "torch", SEEDED
        same = bool(torch.equal(torch.get_rng_state(), began))
        return "torch", UNTOUCHED if same else UNSEEDED

    _endings.append(ending)
