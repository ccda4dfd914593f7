"""Looking into a process that waits for our answer: its memory, folders and view of the disk."""

from __future__ import annotations

import os
import struct

_PAGE = 4096
_CHUNK = 256
_MOST_OPEN = 64
_MOST_ARGUMENTS = 4096
_AT_FDCWD = 0xFFFFFF9C


class Unreadable(Exception):
    """The memory or the folders of a process may not be looked at."""


class Tracees:
    """What is known about running tasks, forgotten often because numbers are used again."""

    def __init__(self) -> None:
        self.memories: dict[int, int] = {}
        self.folders: dict[int, bytes] = {}
        self.varied = False
        """Whether any process may have a root or mounts of its own."""
        self._parents: dict[int, tuple[int, int]] = {}
        self._mounts = _link(b"/proc/self/ns/mnt")

    def text(self, task: int, address: int) -> bytes:
        """Returns the zero-ended string at an address."""
        found = b""
        while len(found) < 2 * _PAGE:
            part = self.block(task, address + len(found), _CHUNK)
            end = part.find(b"\0")
            if end >= 0:
                return found + part[:end]
            found += part
        return found

    def block(self, task: int, address: int, size: int) -> bytes:
        """Returns up to `size` bytes at an address, fewer when the memory ends there."""
        part = self._read(task, address, size)
        if not part:  # the memory of an earlier owner of this number
            self.forget(task)
            part = self._read(task, address, size)
        if not part:
            raise Unreadable
        return part

    def _read(self, task: int, address: int, size: int) -> bytes:
        try:
            return os.pread(self.memory(task), size, address)
        except (OSError, OverflowError):
            return b""

    def memory(self, task: int) -> int:
        """Returns an open `/proc/TASK/mem`."""
        found = self.memories.get(task)
        if found is None:
            if len(self.memories) >= _MOST_OPEN:
                self.refresh()
            found = os.open(f"/proc/{task}/mem", os.O_RDONLY | os.O_CLOEXEC)
            self.memories[task] = found
            self.family(task)
        return found

    def closed(self, task: int) -> bool:
        """Returns whether we are not allowed to look into a task."""
        self.forget(task)
        try:
            self.memory(task)
        except PermissionError:
            return True
        except OSError:
            return False
        return False

    def words(self, task: int, address: int) -> tuple[bytes, ...]:
        """Returns the strings of a zero-ended array of pointers, such as an argv."""
        found: list[bytes] = []
        while len(found) < _MOST_ARGUMENTS:
            part = self.block(task, address + 8 * len(found), 8)
            if len(part) < 8:
                break
            (pointer,) = struct.unpack("=Q", part)
            if pointer == 0:
                break
            found.append(self.text(task, pointer))
        return tuple(found)

    def folder(self, task: int) -> bytes:
        """Returns the current folder."""
        found = self.folders.get(task)
        if found is None:
            found = self.folders[task] = self._link(b"/proc/%d/cwd" % task)
        return found

    def descriptor(self, task: int, number: int) -> bytes:
        """Returns what an open descriptor leads to; `pipe:[7]` and the like are not paths."""
        return self._link(b"/proc/%d/fd/%d" % (task, number & 0xFFFFFFFF))

    def absolute(self, task: int, folder: int, path: bytes) -> bytes:
        """Returns a path as seen from the root, given a call's folder descriptor."""
        if path[:1] == b"/":
            return self._outside(task) + path if self.varied else path
        low = folder & 0xFFFFFFFF
        base = self.folder(task) if low == _AT_FDCWD else self.descriptor(task, low)
        return base.rstrip(b"/") + b"/" + path

    def openable(self, task: int, path: bytes) -> bytes:
        """Returns the name under which we can open what a process sees at an absolute path."""
        if self.varied and not self.same_mounts(task):
            return b"/proc/%d/root%b" % (task, path)
        return path

    def same_mounts(self, task: int) -> bool:
        """Returns whether the process sees the disks as we do."""
        return _link(b"/proc/%d/ns/mnt" % task) in (self._mounts, b"")

    def _outside(self, task: int) -> bytes:
        if not self.same_mounts(task):
            return b""
        return _link(b"/proc/%d/root" % task).rstrip(b"/")

    def _link(self, path: bytes) -> bytes:
        try:
            return os.readlink(path)
        except OSError as error:
            raise Unreadable from error

    def family(self, task: int) -> tuple[int, int]:
        """Returns the process that a task belongs to, and that one's parent."""
        found = self._parents.get(task)
        if found is None:
            found = self._parents[task] = _family(task)
        return found

    def reborn(self, task: int) -> tuple[int, int]:
        """Returns the family of a task that becomes another program."""
        self._parents.pop(task, None)
        return self.family(task)

    def processes(self) -> set[int]:
        """Returns every process looked at so far."""
        return {process for process, _ in self._parents.values()}

    def forget(self, task: int) -> None:
        """Drops what an exec or a reused number made untrue."""
        memory = self.memories.pop(task, None)
        if memory is not None:
            os.close(memory)

    def refresh(self) -> None:
        """Drops what may have become untrue in silence."""
        for memory in self.memories.values():
            os.close(memory)
        self.memories.clear()
        self.folders.clear()


def _link(path: bytes) -> bytes:
    try:
        return os.readlink(path)
    except OSError:
        return b""


def _family(task: int) -> tuple[int, int]:
    try:
        with open(f"/proc/{task}/status", "rb", buffering=0) as status:
            lines = status.read(1024).split(b"\n")
    except OSError:
        return task, 0
    found = {line[:5]: line[5:] for line in lines if line[:5] in (b"Tgid:", b"PPid:")}
    return int(found.get(b"Tgid:", task)), int(found.get(b"PPid:", 0))
