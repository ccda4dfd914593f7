"""Who is at work: the program, or a library while it is imported.

What a library draws from a global generator while it is imported (rich does, for its styles) is
there in every run and says nothing about the program. Only the watchers of generators ask, and
only when the work changes hands: at imports of a library by the program, not within a library.
"""

from __future__ import annotations

import os
import sys
from _thread import _count as other_threads

from .taps import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any

turns: list[Callable[[], None]] = []
"""Called before the work changes hands, while `is_library` still tells whose it was."""


class _Now:
    library = False
    imports: list[tuple[str, bool]] = []  # noqa: RUF012  (name, whose work it interrupts)


def is_library() -> bool:
    """Returns True while a module of a library, or of Python itself, is being imported."""
    return _Now.library


def begins(spec: ModuleSpec, *_: object, **__: object) -> None:
    """A module is there and will run now.

    While other threads run, nobody can tell who drew: then what changes is the program's.
    """
    if not other_threads() and sys._getframe(3).f_code is _LOADS:
        _Now.imports.append((spec.name, _Now.library))
        _hand_over(_is_a_librarys(spec.origin))


def ends(name: str) -> None:
    """A module has run, or has failed."""
    if _Now.imports and _Now.imports[-1][0] == name:
        _hand_over(_Now.imports.pop()[1])


def _hand_over(library: bool) -> None:
    if library != _Now.library:
        for turn in turns:
            try:
                turn()
            except Exception:  # noqa: S112
                continue
        _Now.library = library


def _is_a_librarys(origin: str | None) -> bool:
    if not origin or os.sep not in origin:
        return _Now.library  # built in, frozen, or a folder without a module of its own
    return _INSTALLED[0] in origin or _INSTALLED[1] in origin or origin.startswith(_WITH_PYTHON)


_INSTALLED = tuple(os.sep + folder + os.sep for folder in ("site-packages", "dist-packages"))
_WITH_PYTHON = tuple(
    os.path.dirname(os.path.abspath(file)) + os.sep
    for file in (__file__, getattr(os, "__file__", None) or __file__)
)
_bootstrap: Any = sys.modules["_frozen_importlib"]
_LOADS = getattr(find(_bootstrap, "_load_unlocked"), "__code__", None)
