"""From strace's calls to events: whose folder a path was relative to, and what lay there."""

from __future__ import annotations

import ctypes
import os
import struct

from sestina.capture.calls import op_of
from sestina.capture.observer import Executable, Stat
from sestina.capture.sightings import RawEvent, Sightings, pseudo, stat_of, tidy
from sestina.capture.strace_log import Call, place, text, texts

_BIRTH, _BIRTH_AT, _STATX_SIZE = 0x800, 80, 256
_AT_FDCWD = -100
_MOVES = ("rename", "link", "symlink", "unlink", "truncate")


class Story:
    """Follows the processes of a log from call to call."""

    def __init__(self, sightings: Sightings, folder: bytes, began: int) -> None:
        self._sightings = sightings
        self._start = folder
        self._began = began
        self._folders: dict[int, bytes] = {}
        self._process: dict[int, int] = {}
        self._parent: dict[int, int] = {}
        self._read: dict[bytes, None] = {}
        self._changed: set[bytes] = set()

    def process_of(self, task: int) -> int:
        """Returns the process that a task was a thread of."""
        return self._process.get(task, task)

    def tell(self, seen: list[Call]) -> None:
        """Notes everything in the sightings."""
        for call in seen:
            self._one(call)
        for path in self._read:
            if path not in self._changed and _touched(path, self._began):
                self._sightings.gap(f"{os.fsdecode(path)} changed while the run used it")

    def _one(self, call: Call) -> None:
        name, a = call.name, call.arguments
        if name in ("clone", "clone3", "fork", "vfork"):
            self._born(call)
        elif name in ("chdir", "fchdir"):
            if call.result == 0:
                where = text(a[0]) if name == "chdir" else place(a[0])
                self._folders[self.process_of(call.task)] = self._absolute(call, b"", where)
        elif name == "connect":
            self._connected(b", ".join(a))
        elif name == "io_uring_setup":
            self._sightings.gap(f"io_uring used by pid {call.task}: its reads are not visible")
        elif name in ("execve", "execveat"):
            self._executed(call)
        elif name.startswith("open") or name == "creat":
            self._opened(call)
        else:
            self._moved(call)

    def _born(self, call: Call) -> None:
        if call.result is None or call.result <= 0:
            return
        process, child = self.process_of(call.task), call.result
        if any(b"CLONE_THREAD" in argument for argument in call.arguments):
            self._process[child] = process
        else:
            self._parent[child] = process
            self._folders[child] = self._folders.get(process, self._start)

    def _absolute(self, call: Call, base: bytes, path: bytes) -> bytes:
        folder = base or self._folders.get(self.process_of(call.task), self._start)
        return tidy(os.path.join(folder, path))

    def _named(self, call: Call, at: int) -> bytes:
        """Returns the path whose folder is argument `at` and whose name is the next."""
        base, name = place(call.arguments[at]), text(call.arguments[at + 1])
        return self._absolute(call, base, name) if name else base

    def _executed(self, call: Call) -> None:
        skip = 1 if call.name == "execveat" else 0
        first = self._named(call, 0) if skip else self._absolute(call, b"", text(call.arguments[0]))
        stat = stat_of(first) if call.result == 0 else None
        self._sightings.note((call.task, "exec", first, b"", stat, b""))
        if call.result == 0:
            process = self.process_of(call.task)
            words = tuple(texts(call.arguments[1 + skip :]))
            parent = self._parent.get(process, os.getpid())
            self._sightings.ran(Executable(process, parent, first, words))

    def _opened(self, call: Call) -> None:
        a = call.arguments
        if call.name in ("openat", "openat2"):
            path, flags = self._named(call, 0), a[2]
        else:
            path = self._absolute(call, b"", text(a[0]))
            flags = a[1] if call.name == "open" else b"O_WRONLY|O_CREAT|O_TRUNC"
        words = flags.removeprefix(b"{flags=").rstrip(b"}").decode().split("|")
        bits = 0
        for word in words:
            bits |= getattr(os, word, 0)
        if bits & os.O_PATH or pseudo(path):
            return
        worked = call.result is not None and call.result >= 0
        op = op_of(bits, stat_of(path))
        if op in ("read", "list"):
            if op == "read" and worked and path not in self._changed:
                self._read[path] = None
            self._note(call, op, path, b"", stat_of(path) if worked else None)
        elif op is not None and worked:
            self._change(call, op, path, b"")

    def _moved(self, call: Call) -> None:
        if call.result != 0:
            return
        a, at = call.arguments, call.name.rstrip("2").endswith("at")
        op = call.name.rstrip("2").removesuffix("at")
        if op not in _MOVES:  # strace names calls that are younger than itself by number
            return
        if op == "symlink":
            other = self._named(call, 1) if at else self._absolute(call, b"", text(a[1]))
            target = tidy(os.path.join(os.path.dirname(other), text(a[0])))
            self._note(call, op, target, other, stat_of(target))
            return
        if op == "unlink" and any(b"AT_REMOVEDIR" in argument for argument in a):
            return
        path = self._named(call, 0) if at else self._absolute(call, b"", text(a[0]))
        other = b""
        if op in ("rename", "link"):
            other = self._named(call, 2) if at else self._absolute(call, b"", text(a[1]))
        self._change(call, op, path, other)

    def _change(self, call: Call, op: str, path: bytes, other: bytes) -> None:
        for changed in (path, other):
            if changed in self._read and changed not in self._changed:
                self._sightings.gap(
                    f"bytes of {os.fsdecode(changed)} before the run changed it lost"
                )
        self._changed |= {path, other}
        there = path if other == b"" else other
        stat = stat_of(there, follow=False)
        if op in ("write", "readwrite", "append") and _born_since(path, self._began):
            stat = None
        self._note(call, op, path, other, stat)

    def _note(self, call: Call, op: str, path: bytes, other: bytes, stat: Stat | None) -> None:
        event: RawEvent = (call.task, op, path, other, stat, b"")
        self._sightings.note(event)

    def _connected(self, address: bytes) -> None:
        port = address.partition(b"htons(")[2].partition(b")")[0].decode()
        where = text(address)
        if b"AF_UNIX" in address and where:
            self._sightings.peer("unix:" + os.fsdecode(where))
        elif b"AF_INET6" in address:
            self._sightings.peer(f"[{os.fsdecode(where)}]:{port}")
        elif b"AF_INET" in address:
            self._sightings.peer(f"{os.fsdecode(where)}:{port}")


def _touched(path: bytes, began: int) -> bool:
    stat = stat_of(path)
    return stat is None or stat[4] >= began


def _born_since(path: bytes, began: int) -> bool:
    """Returns whether a file was made after a time (ns), as statx(2) tells; yes when it is gone."""
    buffer = ctypes.create_string_buffer(_STATX_SIZE)
    libc = ctypes.CDLL(None)
    if libc.statx(_AT_FDCWD, path, 0, _BIRTH, buffer) != 0:
        return True
    mask, seconds, nanoseconds = struct.unpack_from(f"=I{_BIRTH_AT - 4}xqI", buffer)
    return bool(mask & _BIRTH) and seconds * 10**9 + nanoseconds >= began
