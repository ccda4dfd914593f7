"""Keeps the hook in the Python processes that the program starts."""

from __future__ import annotations

import sys

from . import end, late
from .environment import additions, followed
from .taps import find, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def subprocess_arrived(module: ModuleType) -> None:
    """`Popen` hands its `env` to `_execute_child` before it makes a list of it."""
    tap(find(module, "Popen._execute_child"), rewrite={"env": followed})


def multiprocessing_arrived(module: ModuleType) -> None:
    """A worker ends by `os._exit` right after `_bootstrap`, so no `atexit` runs in it."""
    tap(find(module, "BaseProcess._bootstrap"), after=lambda *_, **__: end())


def queues_arrived(module: ModuleType) -> None:
    """A pool kills its idle workers, so each tells what it knows before it hands over a result."""
    tap(find(module, "SimpleQueue.put"), before=lambda *_: _glance())
    tap(find(module, "SimpleQueue.get"), before=lambda *_: _glance())


def _glance() -> None:
    process: Any = sys.modules["multiprocessing.process"]
    if process.parent_process() is not None:
        late("farewell").glance()


def loky_arrived(module: ModuleType) -> None:
    """Loky lays `env` over `os.environ`, which does not show the hook."""
    tap(find(module, "fork_exec"), rewrite={"env": additions})
