"""The loop that reads a notification, looks, and lets the program continue."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import select
import time

from sestina.capture.calls import Calls
from sestina.capture.launch import Child
from sestina.capture.notify import (
    IDENTITY,
    NOTIFICATION,
    RECV,
    SEND,
    Answer,
    errno_of_last,
    ioctl,
    send,
    wake_in_step,
)
from sestina.capture.observer import Executable
from sestina.capture.sightings import PSEUDO, Sightings, untidy
from sestina.capture.standby import Page, Standby
from sestina.capture.syscalls import Machine
from sestina.capture.tracee import Tracees, Unreadable

TICK = 0.2
"""Seconds between two looks at everything that is not a notification."""

QUIET, LONGEST = 2.0, 10.0
"""Seconds to wait for what outlives the command: since its last call, and at most."""

_MOST_STANDBYS = 5
_DYING = 1.0
"""Seconds between the last task's leaving the filter and its end; in truth far less than one."""
_SPECIAL_OPEN = os.O_ACCMODE | os.O_TRUNC | os.O_CREAT | os.O_DIRECTORY
_HERE = 0xFFFFFF9C
_SLASH = ord("/")
_FIRST = 208
"""Bytes of a path read at once; nearly every path fits."""


class Watch:
    """The supervisor of one command, from its first call to the end of its last process.

    `others` are children that our caller had before. `timed`: a timer interrupts us every TICK
    seconds; else every call costs one `poll` more.
    """

    def __init__(
        self,
        child: Child,
        others: set[int],
        machine: Machine,
        sightings: Sightings,
        page: Page,
        timed: bool,
    ) -> None:
        self.status: int | None = None
        self.cpu_user = self.cpu_system = 0.0
        self.peak = 0
        self.tracees = Tracees()
        self._child = child
        self._others = others
        self._timed = timed
        self._machine = machine
        self._sightings = sightings
        self._page = page
        self._calls = Calls(machine, self.tracees, sightings)
        self._standby = Standby(child.listener, page)
        self._standbys = 1
        self._poller = select.poll()
        self._poller.register(child.listener, select.POLLIN)
        self._calls_seen = 0
        self._quiet_since = self._exited = 0.0

    def run(self) -> None:
        """Answers until every process has ended, or only idle ones outlive the command.

        Every open of every process comes by here, so it is written for speed: names are local,
        buffers made once, and what is not needed before the answer is left for later.
        """
        timed, listener = self._timed, self._child.listener
        wake_in_step(listener)
        self._child.go()
        answer = Answer(listener)
        page, zero, size = self._page.memory, self._page.zero, self._page.size
        fd, notification = ctypes.c_int(listener), self._page.notification
        unpack, pack, told = NOTIFICATION.unpack_from, IDENTITY.pack_into, answer.memory
        reply = answer.pointer
        reads = self._sightings.reads
        memories, folders = self.tracees.memories, self.tracees.folders
        native, openat = self._machine.audit, self._machine.numbers["openat"]
        tracees, pread, poll, stat = self.tracees, os.pread, self._poller.poll, os.stat
        saw, missing = self._sightings.raw.append, self._sightings.missing
        asking = self._sightings.asking
        calls = 0
        while True:
            page[:size] = zero
            if not timed and not poll(int(TICK * 1000)):
                if not self._tick(calls):
                    return
                continue
            if ioctl(fd, RECV, notification) != 0:
                if not self._interrupted(errno_of_last(), calls):
                    return
                continue
            calls += 1
            identity, task, number, arch, a0, a1, a2, a3, a4, a5 = unpack(page)
            path = b""
            if number == openat and arch == native:
                try:
                    path, end, _ = pread(memories[task], _FIRST, a1).partition(b"\0")
                    if not end:
                        path = b""
                    elif path[:1] != b"/":
                        here = path and a0 & 0xFFFFFFFF == _HERE
                        path = folders[task] + b"/" + path if here else b""
                except (KeyError, OSError, OverflowError):
                    path = b""
                if path and not a2 & _SPECIAL_OPEN and not tracees.varied:
                    if path in reads:
                        pack(told, 0, identity)
                        send(fd, SEND, reply)
                        continue
                    if (
                        not path.startswith(PSEUDO)
                        and not ((b"/." in path or b"//" in path) and untidy(path))
                        and path[-1] != _SLASH
                    ):
                        try:
                            there = stat(path)
                        except OSError:
                            there = None
                        pack(told, 0, identity)
                        if send(fd, SEND, reply) == 0:
                            if there is not None:
                                if task not in asking:
                                    reads.add(path)
                                saw((task, path, there))
                            elif path not in missing:
                                missing.add(path)
                                saw((task, path, None))
                        continue
            found = self._look(task, number, arch, (a0, a1, a2, a3, a4, a5))
            pack(told, 0, identity)
            if send(fd, SEND, reply) == 0:
                self._note(found)

    def _look(self, task: int, number: int, arch: int, arguments: tuple[int, ...]) -> list[object]:
        try:
            if arch != self._machine.audit:
                return list(self._calls.foreign(task, arguments))
            return list(self._calls.by_number[number](task, arguments))
        except Unreadable:
            closed = self.tracees.closed(task)  # else it is a bad address: the call will fail
            return [f"memory of pid {task} unreadable"] if closed else []
        except Exception as error:  # whatever it is, the program must go on
            return [f"call {number} of pid {task} not understood: {error!r}"]

    def _note(self, found: list[object]) -> None:
        for seen in found:
            if isinstance(seen, Executable):
                self._sightings.ran(seen)
            elif isinstance(seen, str):
                self._sightings.gap(seen)
            elif isinstance(seen, tuple):
                self._sightings.note(seen)

    def _interrupted(self, number: int, calls: int) -> bool:
        """Returns whether to go on after a RECV that brought nothing."""
        if number == errno.ENOENT:
            # Either the task died while it waited or, since Linux 6.11, all have ended.
            return self._tick(calls) and not self._ended()
        if number == errno.EINTR:
            return self._tick(calls)
        raise OSError(number, "seccomp listener")

    def _tick(self, calls: int) -> bool:
        """Looks after everything else; returns whether to go on."""
        self._page.beat()
        self.tracees.refresh()
        if self._standby.lost():
            self._replace_standby()
        self._reap()
        if self._ended():
            return False
        return self.status is None or self._worth_waiting(calls)

    def _ended(self) -> bool:
        return any(event & select.POLLHUP for _, event in self._poller.poll(0))

    def _worth_waiting(self, calls: int) -> bool:
        now = time.monotonic()
        if not self._exited:
            self._exited = self._quiet_since = now
        if calls != self._calls_seen:
            self._calls_seen, self._quiet_since = calls, now
        return now - self._quiet_since < QUIET and now - self._exited < LONGEST

    def _reap(self) -> bool:
        """Takes note of what has ended: the command, and orphans that came to us.

        Returns whether any of them is still there. Our caller's own children are left alone.
        """
        left = [process for process in self._children() if self._wait(process, os.WNOHANG)]
        return bool(left)

    def _children(self) -> set[int]:
        found = children() if self._timed else set()
        if not found:  # a kernel without this list, or a thread that orphans do not come to
            found = {self._child.pid, *self.tracees.processes()}
        return found - self._others - {self._standby.pid}

    def _wait(self, process: int, how: int) -> bool:
        """Returns whether a child of ours still runs."""
        usage: resource.struct_rusage
        try:
            ended, status, usage = os.wait4(process, how)
        except OSError:
            return False
        if not ended:
            return True
        self.cpu_user += usage.ru_utime
        self.cpu_system += usage.ru_stime
        self.peak = max(self.peak, usage.ru_maxrss * 1024)
        if ended == self._child.pid:
            self.status = status
        return False

    def _replace_standby(self) -> None:
        self._standby.dismiss()
        if self._standbys >= _MOST_STANDBYS:
            self._sightings.gap("the standby was ended again and again")
            return
        self._standbys += 1
        self._standby = Standby(self._child.listener, self._page)

    def close(self) -> None:
        """Lets the standby go, or leaves it what outlives the command."""
        ended = self._ended()
        if self._page.answered():
            self._sightings.gap(
                f"supervisor lost: {self._page.answered()} calls were let through unseen"
            )
        os.close(self._child.listener)
        self.tracees.refresh()
        if ended:
            self._standby.dismiss()
            patience = time.monotonic() + _DYING
            while self._reap() and time.monotonic() < patience:
                time.sleep(0.001)
            return
        left = sum(1 for process in self.tracees.processes() if _alive(process))
        self._sightings.gap(f"{max(left, 1)} processes outlived the run")
        self._standby.take_over()

    def wait_for_child(self) -> None:
        """Waits for the command itself, when the loop ended in front of it."""
        if self.status is None:
            self._wait(self._child.pid, 0)


def children() -> set[int]:
    """Returns the children of this thread; none where the kernel keeps no list."""
    try:
        with open("/proc/thread-self/children", "rb") as listed:
            return {int(word) for word in listed.read().split()}
    except OSError:
        return set()


def _alive(process: int) -> bool:
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as stat:
        return b") Z " not in stat.read()
    return False
