"""The observer of choice on Linux: seccomp user notification, without privilege, in pure Python."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from errno import ENOSYS

from sestina.capture.launch import find_program, inherited_files, refusal, start
from sestina.capture.notify import Installer, adopt_orphans
from sestina.capture.observer import Command, Keep, Trace
from sestina.capture.sightings import Sightings
from sestina.capture.signals import handling, interruptible, keyboard_ignored, passing_on
from sestina.capture.standby import Page
from sestina.capture.syscalls import here
from sestina.capture.watch import TICK, Watch, children
from sestina.errors import SestinaError, Unavailable


class Seccomp:
    """Sees every open, exec, rename, unlink, link, truncate and connect of a process tree.

    What it cannot see it names among the gaps: io_uring, programs of a foreign architecture,
    memory that may not be read. A thread that rewrites a path while the kernel reads it can lie:
    this records provenance, it is no guard against an enemy.
    """

    name = "seccomp"

    def probe(self) -> str | None:
        """Returns None when a file opened in a child is found in the trace, else why not."""
        if os.uname().sysname != "Linux":
            return f"{os.uname().sysname} has no seccomp"
        if here() is None:
            return f"no table of system calls for {os.uname().machine}"
        nonce = f"/sestina-probe-{os.getpid()}-{time.monotonic_ns()}"
        command = Command(argv=("sestina-probe",), environ={}, cwd="/")
        try:
            trace = self._watch(command, b"", lambda: _look_for(nonce), lambda path: b"")
        except SestinaError as error:
            return error.why or error.what
        except OSError as error:
            return f"{error.strerror}"
        if not any(event.path == nonce.encode() for event in trace.events):
            return "the child's open was not reported" + "".join(f"; {gap}" for gap in trace.gaps)
        return None

    def observe(self, command: Command, keep: Keep) -> Trace:
        """Returns what the command did; see `Observer.observe`."""
        return self._watch(command, find_program(command), None, keep)

    def _watch(
        self, command: Command, program: bytes, instead: Callable[[], None] | None, keep: Keep
    ) -> Trace:
        machine = here()
        installer = Installer(machine) if machine is not None else None
        if machine is None or installer is None or not installer.notification_size or _too_old():
            raise Unavailable("unavailable/observer", "seccomp cannot be used", why=refusal(ENOSYS))
        sightings = Sightings(keep)
        page = Page(installer.notification_size)
        began = time.time_ns()
        inherited = [] if instead else inherited_files(sightings)
        with keyboard_ignored() as heeded, _as_supervisor(page) as timed:
            others = children()
            child = start(command, program, installer, heeded, instead)
            for path, op, stat, kept in inherited:
                sightings.note((child.pid, op, path, b"", stat, kept))
            watch = Watch(child, others, machine, sightings, page, timed)
            with passing_on(child.pid):
                try:
                    watch.run()
                finally:
                    watch.close()
                    watch.wait_for_child()
        trouble = child.trouble(command)
        if trouble is not None:
            raise trouble
        status = watch.status or 0
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        return Trace(
            observer=self.name,
            events=sightings.events(lambda task: watch.tracees.family(task)[0]),
            executables=sightings.executables,
            gaps=sightings.gaps,
            peers=sightings.peers,
            exit=128 + number if number else os.waitstatus_to_exitcode(status),
            signal=number,
            began=began,
            ended=time.time_ns(),
            cpu_user=watch.cpu_user,
            cpu_system=watch.cpu_system,
            peak_memory=watch.peak,
        )


def _too_old() -> bool:
    """Returns whether "continue" is missing: before Linux 5.5 a task would wait for ever."""
    found = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return found is not None and (int(found[1]), int(found[2])) < (5, 5)


def _look_for(name: str) -> None:
    with contextlib.suppress(OSError):
        os.close(os.open(name, os.O_RDONLY))
    os._exit(0)


@contextmanager
def _as_supervisor(page: Page) -> Iterator[bool]:
    """Makes this process fit to supervise; yields whether a timer interrupts it."""
    collecting, timed = gc.isenabled(), interruptible()
    beat = dict.fromkeys((signal.SIGALRM, signal.SIGCHLD), lambda *_: page.beat())
    gc.disable()
    adopted = adopt_orphans(True)
    try:
        with handling(beat), _ticking() if timed else nullcontext():
            yield timed
    finally:
        adopt_orphans(adopted)
        if collecting:
            gc.enable()


@contextmanager
def _ticking() -> Iterator[None]:
    began = time.monotonic()
    left, interval = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if left:  # the caller's own alarm goes on, late rather than never
            left = max(left - (time.monotonic() - began), TICK)
            signal.setitimer(signal.ITIMER_REAL, left, interval)
