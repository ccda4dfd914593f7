"""What was seen, in order, without the repetitions that tell nothing new."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from sestina.capture.observer import Event, Executable, Keep, Stat
from sestina.capture.places import ASKERS

RawEvent = tuple[int, str, bytes, bytes, Stat | None, bytes]
Glance = tuple[int, bytes, os.stat_result | None]

PSEUDO = (b"/proc/", b"/dev/", b"/sys/")
untidy = re.compile(rb"//|/\.\.?(?:/|\Z)|/\Z").search


def tidy(path: bytes) -> bytes:
    """Returns an absolute path without `.`, `..`, doubled and trailing slashes."""
    if untidy(path) is None:
        return path
    return b"/" + os.path.normpath(path).lstrip(b"/")


def pseudo(path: bytes) -> bool:
    """Returns whether a path leads into the kernel or to a device, not to a file."""
    return path.startswith(PSEUDO) and not path.startswith(b"/dev/shm/")


def stat_of(path: bytes, *, follow: bool = True) -> Stat | None:
    """Returns what a path leads to, None when there is nothing or it may not be seen."""
    try:
        return brief(os.stat(path, follow_symlinks=follow))
    except (OSError, ValueError):
        return None


def brief(found: os.stat_result) -> Stat:
    """Returns the six numbers that tell one state of a file from another."""
    return (
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
        found.st_mode,
    )


class Sightings:
    """Events, executables, peers and gaps of one run."""

    def __init__(self, keep: Keep) -> None:
        self.reads: set[bytes] = set()
        """Paths whose next plain read tells nothing new: the fast path looks only here."""
        self.missing: set[bytes] = set()
        """Paths that were not there when last opened."""
        self.asking: set[int] = set()
        """Processes that ask about the machine: what they read hides no other process's read."""
        self.raw: list[RawEvent | Glance] = []
        """What was seen; the plain open of a tidy path is left as it came, for speed."""
        self.executables: list[Executable] = []
        self._keep = keep
        self._keep_unread: Keep = getattr(keep, "unread", keep)
        self._changed: set[bytes] = set()
        self._made: set[bytes] = set()
        self._kept: set[bytes] = set()
        self._done: set[tuple[object, ...]] = set()
        self._gaps: dict[str, None] = {}
        self._peers: dict[str, None] = {}

    def note(self, event: RawEvent) -> None:
        """Notes anything else that was done to a path."""
        task, op, path, other, stat, _ = event
        if op == "exec":
            key: tuple[object, ...] = (op, path, task)
        elif op == "list":
            key = (op, path, stat is None)
        elif op == "read":
            asks = task in self.asking
            if not asks:
                (self.missing if stat is None else self.reads).add(path)
            key = (op, path, stat is None, path in self._changed, asks)
        else:
            self._change(op, path, other, stat)
            key = (op, path, other)
        if key in self._done:
            return
        self._done.add(key)
        self.raw.append(event)

    def ran(self, program: Executable) -> None:
        """Notes that a process became a program."""
        self.executables.append(program)
        if os.path.basename(program.path) in ASKERS:
            self.asking.add(program.pid)
        else:
            self.asking.discard(program.pid)

    def gap(self, why: str) -> None:
        """Notes why the trace may not be complete."""
        self._gaps[why] = None

    def peer(self, where: str) -> None:
        """Notes a connection."""
        self._peers[where] = None

    def keep(self, path: bytes, stat: Stat | None, opened: bytes, *, update: bool = False) -> bytes:
        """Returns where a file about to be destroyed was copied; asks once a path.

        `opened` is the name under which we, not the traced process, can open it; `update` says
        that the program is about to read it too.
        """
        if stat is None or stat[5] & 0o170000 != 0o100000:
            return b""
        if path in self._kept or path in self._made:
            return b""
        self._kept.add(path)
        try:
            known = update or path in self.reads
            return self._keep(opened) if known else self._keep_unread(opened)
        except Exception as error:
            self.gap(f"bytes of {os.fsdecode(path)} before the run changed it were lost: {error}")
            return b""

    def _change(self, op: str, path: bytes, other: bytes, stat: Stat | None) -> None:
        if op in ("rename", "link", "symlink"):
            if op != "rename" or path in self._made:
                self._made.add(other)
            self._changed_first(other)
        elif stat is None:
            self._made.add(path)
        if op not in ("link", "symlink"):
            self._changed_first(path)

    def _changed_first(self, path: bytes) -> None:
        if path not in self._changed:
            self._changed.add(path)
            self.reads.discard(path)

    def events(self, process_of: Callable[[int], int]) -> list[Event]:
        """Returns the events, each under the process that its task belonged to."""
        return [
            _event(process_of(seen[0]), seen)
            if len(seen) == 3
            else Event(process_of(seen[0]), *seen[1:])
            for seen in self.raw
        ]

    @property
    def gaps(self) -> tuple[str, ...]:
        """Reasons, in the order in which they came up."""
        return tuple(self._gaps)

    @property
    def peers(self) -> tuple[str, ...]:
        """Connections, in the order in which they were made."""
        return tuple(self._peers)


def _event(process: int, glance: Glance) -> Event:
    _, path, found = glance
    stat = None if found is None else brief(found)
    folder = stat is not None and stat[5] & 0o170000 == 0o040000
    return Event(process, "list" if folder else "read", path, b"", stat, b"")
