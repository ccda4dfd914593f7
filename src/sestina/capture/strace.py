"""The second-best observer: strace, where the kernel grants ptrace but no seccomp listener.

Its log is read when the run has ended, so what a path led to *before* a call is known only as far
as it can be told afterwards; what cannot is named among the gaps.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from typing import TYPE_CHECKING

from sestina.capture.launch import find_program, inherited_files
from sestina.capture.observer import Command, Keep, Trace
from sestina.capture.sightings import Sightings
from sestina.capture.signals import default_signals, keyboard_ignored, passing_on
from sestina.capture.strace_log import calls
from sestina.capture.strace_story import Story
from sestina.errors import SestinaError, Unavailable

if TYPE_CHECKING:
    from resource import struct_rusage

_WATCHED = (
    "open,openat,openat2,creat,execve,execveat,rename,renameat,renameat2,unlink,unlinkat,link,"
    "linkat,symlink,symlinkat,truncate,connect,io_uring_setup,chdir,fchdir,clone,clone3,fork,vfork"
)
_OPTIONS = ("-f", "-qq", "-xx", "-y", "-s", "65536", "-e", "abbrev=none", "-e", "signal=none")


class Strace:
    """Sees the same calls through strace; it cannot copy a file before it is overwritten.

    When strace itself is killed the program may fail: it has no standby.
    """

    name = "strace"

    def probe(self) -> str | None:
        """Returns None when a file opened in a child is found in the trace, else why not."""
        nonce = f"/sestina-probe-{os.getpid()}-{time.monotonic_ns()}"
        command = Command(argv=("/bin/sh", "-c", f": < {nonce}"), environ={}, cwd="/")
        try:
            trace = self._watch(command, lambda path: b"", quiet=True)
        except SestinaError as error:
            return error.why or error.what
        if not any(event.path == nonce.encode() for event in trace.events):
            return "the child's open was not reported"
        return None

    def observe(self, command: Command, keep: Keep) -> Trace:
        """Returns what the command did; see `Observer.observe`. `keep` is asked for nothing."""
        find_program(command)
        return self._watch(command, keep, quiet=False)

    def _watch(self, command: Command, keep: Keep, *, quiet: bool) -> Trace:
        program = shutil.which("strace")
        if program is None:
            raise Unavailable(
                "unavailable/observer", "strace cannot be used", why="strace is not installed"
            )
        sightings = Sightings(keep)
        with tempfile.TemporaryDirectory(prefix="sestina-strace-") as folder:
            log = os.path.join(folder, "log")
            inherited = [] if quiet else inherited_files(sightings)
            words = [program, *_OPTIONS, *_faster(program), "-e", f"trace={_WATCHED}", "-o", log]
            began = time.time_ns()
            status, usage = _run([*words, "--", *command.argv], command, quiet)
            ended = time.time_ns()
            try:
                with open(log, "rb") as lines:
                    seen = calls(lines)
            except FileNotFoundError:
                seen = []
        if not any(call.name == "execve" and call.result == 0 for call in seen):
            raise Unavailable(
                "unavailable/observer",
                "strace could not start the command",
                why="ptrace is not permitted here, or the program cannot be executed",
            )
        story = Story(sightings, os.path.abspath(os.fsencode(command.cwd)), began)
        for path, op, stat, kept in inherited:
            sightings.note((seen[0].task, op, path, b"", stat, kept))
        story.tell(seen)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        return Trace(
            observer=self.name,
            events=sightings.events(story.process_of),
            executables=sightings.executables,
            gaps=sightings.gaps,
            peers=sightings.peers,
            exit=128 + number if number else os.waitstatus_to_exitcode(status),
            signal=number,
            began=began,
            ended=ended,
            cpu_user=usage.ru_utime,
            cpu_system=usage.ru_stime,
            peak_memory=usage.ru_maxrss * 1024,
        )


def _faster(program: str) -> list[str]:
    """Returns the option that stops only at watched calls, where strace (5.3) has it."""
    import subprocess

    helped = subprocess.run([program, "-h"], capture_output=True, check=False)
    return ["--seccomp-bpf"] if b"--seccomp-bpf" in helped.stdout else []


def _run(words: list[str | bytes], command: Command, quiet: bool) -> tuple[int, struct_rusage]:
    with keyboard_ignored() as heeded:
        pid = os.fork()
        if pid == 0:
            try:
                default_signals(heeded)
                if quiet:
                    nothing = os.open(os.devnull, os.O_RDWR)
                    for number in range(3):
                        os.dup2(nothing, number)
                os.chdir(command.cwd)
                os.execve(words[0], words, command.environ)  # noqa: S606
            finally:
                os._exit(125)
        with passing_on(pid):
            _, status, usage = os.wait4(pid, 0)
    return status, usage
