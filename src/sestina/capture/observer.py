"""What every observer gives: a trace of one command, in the same nouns however it was seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

Stat = tuple[int, int, int, int, int, int]
"""(dev, ino, size, mtime_ns, ctime_ns, mode)."""

Keep = Callable[[bytes], bytes]
"""Copies the file at a path, if it should; returns where the copy lies, or `b""`.

Called at most once a path, while the program waits in front of the call that would destroy it.
Where it has an attribute `unread`, that is called instead for a file the run has not read so far.
It should copy in pieces: a supervisor that shows no sign of life for 5 s is taken to be hung.
"""


class Event(NamedTuple):
    """One thing that a process did to a path, or was about to do: the call may still have failed.

    `op` is one of: read · write (write-only, or truncating) · readwrite · append · list (a folder
    was opened) · exec · rename · unlink · link · symlink · truncate.
    """

    pid: int
    op: str
    path: bytes
    """Absolute, as the process named it, normalised lexically: symlinks are not resolved."""
    other: bytes
    """Where a rename, link or symlink put it, else `b""`."""
    stat: Stat | None
    """What the path led to *before* the call; None when nothing was there."""
    kept: bytes
    """Where the bytes that the call was about to destroy were copied, else `b""`.

    Of a rename these are the bytes of the file at `other`.
    """


class Executable(NamedTuple):
    """A program that a process became."""

    pid: int
    ppid: int
    path: bytes
    argv: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything that one command was seen to do.

    `events` keep their order. A repeated (op, path) is dropped, but for each path the first read
    before and the first read after its first change are both there, and so is every exec.
    """

    observer: str
    events: list[Event]
    executables: list[Executable]
    gaps: tuple[str, ...]
    """Why the trace may not be complete, in words; empty when it is."""
    peers: tuple[str, ...]
    """Where it connected: `93.184.216.34:443`, `[::1]:8080`, `unix:/run/docker.sock`."""
    exit: int
    """As a shell says it: 128 + n for a program that signal n ended."""
    signal: int | None
    began: int
    ended: int
    """Both in ns since 1970, UTC."""
    cpu_user: float
    cpu_system: float
    """Seconds of the whole tree that was waited for."""
    peak_memory: int
    """Bytes of the biggest process; of a tiny program an upper bound (it counts our fork)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run, where, and with which environment."""

    argv: tuple[bytes | str, ...]
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: bytes | str = b"."


class Observer(Protocol):
    """A way to see what a command does."""

    name: str

    def probe(self) -> str | None:
        """Returns None when it really works here, else the reason in words.

        It opens a file with a fresh name in a child and looks for it in the trace.
        """

    def observe(self, command: Command, keep: Keep) -> Trace:
        """Returns what the command did, when it and what it started have ended.

        Standard input, output and error, the terminal and the process group are the child's own.

        Raises:
            NotFound: `not-found/command`: no such program (a shell says 127).
            Unavailable: `unavailable/command`: it is there but could not start (a shell says 126),
                or `unavailable/observer`: this observer does not work here.
        """
