"""Which signals a supervisor takes while its command runs.

The keyboard's reach the command as well as us, since both are in the foreground: it decides what
they mean, and we live on to record it. What is sent to us alone, to end us, is passed on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
_ENDING = (signal.SIGTERM, signal.SIGHUP)

Handler = Callable[[int, FrameType | None], object] | int


def interruptible() -> bool:
    """Returns whether signals are handled in this thread: only the main one is interrupted."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def handling(handlers: Mapping[signal.Signals, Handler]) -> Iterator[None]:
    """Has signals handled so for a while; does nothing in a thread that cannot."""
    before = {}
    try:
        if interruptible():
            for number, handler in handlers.items():
                before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, was in before.items():
            if was is not None:  # None: set by somebody who was not Python
                signal.signal(number, was)


@contextmanager
def keyboard_ignored() -> Iterator[list[signal.Signals]]:
    """Ignores Ctrl-C and Ctrl-\\ for a while; yields which of them were heeded until now."""
    heeded = [number for number in _KEYBOARD if signal.getsignal(number) is not signal.SIG_IGN]
    with handling(dict.fromkeys(_KEYBOARD, signal.SIG_IGN)):
        yield heeded


def passing_on(pid: int) -> contextlib.AbstractContextManager[None]:
    """Passes to a process, for a while, what was sent to us to end it."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(OSError):
            os.kill(pid, number)

    heeded = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    return handling(dict.fromkeys(heeded, pass_on))  # an ignored one stays so: `nohup`


def default_signals(heeded: Iterable[signal.Signals]) -> None:
    """Undoes in a forked child what Python and we ignore.

    What was ignored before stays so: a shell ignores Ctrl-C for its background jobs.
    """
    for number in (signal.SIGPIPE, signal.SIGXFSZ, *heeded):
        signal.signal(number, signal.SIG_DFL)
