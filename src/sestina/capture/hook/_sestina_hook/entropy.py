"""Generators of NumPy that are made without a seed, with the line that made them.

They ask the machine for 128 bits through `secrets`, which is pure Python, so that `default_rng()`
shows itself here, while `default_rng(7)` asks nobody and is not seen. `RandomState(7)` asks as
well, before it looks at its seed: where one is made, nothing can be told.
"""

from __future__ import annotations

import sys

from . import at_work
from .seeds import sown
from .taps import find, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_BITS = 128
_MOST = 200
_seen: set[tuple[str, int]] = set()


def numpy_arrived(module: ModuleType) -> None:
    """Its `SeedSequence` holds the method that is watched."""
    tap(find(sys.modules["random"], "SystemRandom.getrandbits"), before=_asked)


def _asked(_: object, bits: int) -> None:
    frame = sys._getframe(2)
    code = frame.f_code
    if bits != _BITS or at_work.is_library() or _MAKERS.isdisjoint(code.co_names):
        return
    place = (code.co_filename, frame.f_lineno)
    if place in _seen or len(_seen) >= _MOST or "RandomState" in code.co_names:
        return
    _seen.add(place)
    sown("numpy.random", None, frame)


_MAKERS = {"default_rng", "SeedSequence", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"}
