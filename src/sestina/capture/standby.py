"""The second listener: it answers when the supervisor no longer does.

A task whose listener is gone gets ENOSYS from every watched call, and one whose notification was
read but never answered waits for ever. So a forked process holds the listener too and sleeps; when
the supervisor is dead, or has not shown a sign of life for some seconds, it answers "continue" to
everything, beginning with the call that the supervisor was looking at: the kernel wrote its
identity into a page that both share.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import mmap
import os
import select
import signal
import struct
import time

from sestina.capture.notify import IDENTITY, NOTIFICATION, RECV, Answer, ioctl, pointer_to

STALE = 5.0
"""Seconds without a sign of life after which a supervisor counts as hung."""

_BEAT, _ANSWERED = 2048, 2056
_WORD = struct.Struct("=Q")
_SECOND_LOOK = 0.05
_FIRST = 3


class Page:
    """Memory that supervisor and standby share: a notification, a heartbeat, a count."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.zero = bytes(size)
        self.memory = mmap.mmap(-1, 4096)
        self.notification = pointer_to(self.memory, size)
        self.beat()

    def beat(self) -> None:
        """Shows that the supervisor lives."""
        _WORD.pack_into(self.memory, _BEAT, time.monotonic_ns())

    def silence(self) -> float:
        """Returns the seconds since the last beat."""
        return (time.monotonic_ns() - int(_WORD.unpack_from(self.memory, _BEAT)[0])) / 1e9

    def answered(self) -> int:
        """Returns how many calls the standby let through."""
        return int(_WORD.unpack_from(self.memory, _ANSWERED)[0])

    def count(self) -> None:
        """Adds one to them."""
        _WORD.pack_into(self.memory, _ANSWERED, self.answered() + 1)


class Standby:
    """A running standby process, as the supervisor holds it."""

    def __init__(self, listener: int, page: Page) -> None:
        lifeline, self._alive = os.pipe()
        ready, told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _serve(listener, lifeline, told, page)
            finally:
                os._exit(0)
        os.close(lifeline)
        os.close(told)
        os.read(ready, 1)
        os.close(ready)

    def lost(self) -> bool:
        """Returns whether the process is gone."""
        poller = select.poll()
        poller.register(self._alive, 0)
        return bool(poller.poll(0))

    def take_over(self) -> None:
        """Leaves every further call to it; it ends with the last task."""
        os.close(self._alive)

    def dismiss(self) -> None:
        """Ends it."""
        os.close(self._alive)
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        self.reap()

    def reap(self) -> None:
        """Takes note of its end, so that no zombie stays."""
        with contextlib.suppress(OSError):
            os.waitpid(self.pid, 0)


def _serve(listener: int, lifeline: int, ready: int, page: Page) -> None:
    gc.disable()
    os.setsid()
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    os.chdir("/")
    listener, lifeline, ready = _only(listener, lifeline, ready)
    os.write(ready, b".")
    os.close(ready)
    answerer = _Answerer(listener, page)
    poller = select.poll()
    poller.register(lifeline, select.POLLIN)
    while not poller.poll(1000):
        if page.silence() > STALE:
            answerer.stand_in(poller)
    answerer.until_all_ended()


def _only(*wanted: int) -> list[int]:
    """Returns copies of the wanted descriptors; closes all others, so that no pipe stays open."""
    copies = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _FIRST) for number in wanted]
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in copies:
            with contextlib.suppress(OSError):
                os.close(int(name))
    return copies


class _Answerer:
    def __init__(self, listener: int, page: Page) -> None:
        self._page = page
        self._answer = Answer(listener)
        self._own = bytearray(page.size)
        self._pointer = ctypes.byref((ctypes.c_char * page.size).from_buffer(self._own))
        self._listener = ctypes.c_int(listener)
        self._poller = select.poll()
        self._poller.register(listener, select.POLLIN)

    def until_all_ended(self) -> None:
        self._unfinished()
        while self._pending(-1):
            self._next()

    def stand_in(self, lifeline: select.poll) -> None:
        """Answers until the supervisor shows a sign of life or dies."""
        time.sleep(_SECOND_LOOK)  # after a stop both wake at once: let the supervisor be first
        if self._page.silence() <= STALE:
            return
        self._unfinished()
        while self._page.silence() > STALE and not lifeline.poll(0):
            events = self._poller.poll(200)
            if events and not events[0][1] & select.POLLIN:
                return
            if events:
                self._next()

    def _pending(self, wait: int) -> bool:
        return any(event & select.POLLIN for _, event in self._poller.poll(wait))

    def _unfinished(self) -> None:
        """Answers the call that the supervisor had read."""
        (identity,) = IDENTITY.unpack_from(self._page.memory, 0)
        if identity and self._answer.send(identity):
            self._page.count()

    def _next(self) -> None:
        self._own[:] = self._page.zero
        if ioctl(self._listener, RECV, self._pointer) == 0:
            self._answer.send(NOTIFICATION.unpack_from(self._own, 0)[0])
            self._page.count()
