"""What each watched call is about to do, read from its arguments while it waits."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

from sestina.capture.observer import Executable, Stat
from sestina.capture.sightings import RawEvent, Sightings, pseudo, stat_of, tidy
from sestina.capture.syscalls import Machine
from sestina.capture.tracee import Tracees

Arguments = tuple[int, ...]
Found = list[RawEvent | Executable]

_AT_FDCWD = 0xFFFFFF9C
_AT_EMPTY_PATH = 0x1000
_RENAME_EXCHANGE = 2
_TMPFILE = os.O_TMPFILE
_OPENED = (b"/proc/self/fd/", b"/dev/fd/")
_STANDARD = {b"/dev/stdin": 0, b"/dev/stdout": 1, b"/dev/stderr": 2}


class Calls:
    """The decoders, by system call number."""

    def __init__(self, machine: Machine, tracees: Tracees, sightings: Sightings) -> None:
        self._tracees = tracees
        self._sightings = sightings
        self.by_number: dict[int, Callable[[int, Arguments], Found]] = {
            number: getattr(self, f"_{name}") for name, number in machine.numbers.items()
        }
        self.by_number.update(dict.fromkeys(machine.alien, self.foreign))

    def foreign(self, task: int, a: Arguments) -> Found:
        """Notes a call of an architecture whose arguments are not decoded."""
        self._sightings.gap(
            f"foreign architecture: pid {self._process(task)} is not a native program"
        )
        return []

    def open(self, task: int, path: bytes, flags: int) -> Found:
        """Returns what an open of an absolute path is about to do."""
        if pseudo(path):
            path = self._reopened(task, path)
            if not path:
                return []
        opened = self._tracees.openable(task, path)
        path = tidy(path)
        if opened != path:
            path = self._truly(task, path, opened)
        stat = stat_of(opened)
        self._same_disk(task, path, opened, stat)
        op = op_of(flags, stat)
        if op is None:
            return []
        kept = b""
        if op not in ("read", "list"):
            kept = self._sightings.keep(path, stat, opened, update=op == "readwrite")
        return [(task, op, path, b"", stat, kept)]

    def _open(self, task: int, a: Arguments) -> Found:
        return self._opening(task, _AT_FDCWD, a[0], a[1])

    def _openat(self, task: int, a: Arguments) -> Found:
        return self._opening(task, a[0], a[1], a[2])

    def _openat2(self, task: int, a: Arguments) -> Found:
        (flags,) = struct.unpack("=Q", self._tracees.block(task, a[2], 8))
        return [] if flags & os.O_PATH else self._opening(task, a[0], a[1], flags)

    def _creat(self, task: int, a: Arguments) -> Found:
        return self._opening(task, _AT_FDCWD, a[0], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)

    def _opening(self, task: int, folder: int, address: int, flags: int) -> Found:
        return self.open(task, self._path(task, folder, address), flags)

    def _execve(self, task: int, a: Arguments) -> Found:
        try:
            return self._exec(task, self._path(task, _AT_FDCWD, a[0]), a[1])
        finally:
            self._tracees.forget(task)

    def _execveat(self, task: int, a: Arguments) -> Found:
        try:
            path = self._path(task, a[0], a[1], empty=a[4] & _AT_EMPTY_PATH)
            return self._exec(task, path, a[2])
        finally:
            self._tracees.forget(task)

    def _exec(self, task: int, path: bytes, argv: int) -> Found:
        opened = self._tracees.openable(task, path)
        path = tidy(path)
        stat = stat_of(opened)
        self._same_disk(task, path, opened, stat)
        words = self._tracees.words(task, argv) if argv else ()
        event: RawEvent = (task, "exec", path, b"", stat, b"")
        if stat is None or not stat[5] & 0o111 or stat[5] & 0o170000 != 0o100000:
            return [event]
        self._privilege(path, opened)
        process, parent = self._tracees.reborn(task)
        found: Found = [event, Executable(process, parent, path, words)]
        interpreter = _interpreter(opened)
        if interpreter:
            inner = self._tracees.openable(task, interpreter)
            found.append((task, "exec", tidy(interpreter), b"", stat_of(inner), b""))
        return found

    def _same_disk(self, task: int, path: bytes, opened: bytes, stat: Stat | None) -> None:
        if opened.startswith(b"/proc/") and stat != stat_of(path):
            self._sightings.gap(
                f"pid {self._process(task)} has mounts of its own: names mean others"
            )

    def _privilege(self, path: bytes, opened: bytes) -> None:
        if os.geteuid() == 0:
            return
        status = os.stat(opened)
        raised = status.st_mode & 0o6000 and status.st_uid != os.geteuid()
        if not raised:
            try:
                raised = bool(os.getxattr(opened, "security.capability"))
            except OSError:
                return
        if raised:
            self._sightings.gap(
                f"set-uid program {os.fsdecode(path)}: it ran without its privilege"
            )

    def _rename(self, task: int, a: Arguments) -> Found:
        return self._renaming(task, (_AT_FDCWD, a[0]), (_AT_FDCWD, a[1]), 0)

    def _renameat(self, task: int, a: Arguments) -> Found:
        return self._renaming(task, (a[0], a[1]), (a[2], a[3]), 0)

    def _renameat2(self, task: int, a: Arguments) -> Found:
        return self._renaming(task, (a[0], a[1]), (a[2], a[3]), a[4])

    def _renaming(
        self, task: int, source: tuple[int, int], target: tuple[int, int], flags: int
    ) -> Found:
        old, stat, _ = self._named(task, *source)
        new, over, opened = self._named(task, *target)
        self._tracees.folders.clear()
        if flags & _RENAME_EXCHANGE:
            return [(task, "rename", old, new, stat, b""), (task, "rename", new, old, over, b"")]
        if stat is None:
            return []
        return [(task, "rename", old, new, stat, self._sightings.keep(new, over, opened))]

    def _unlink(self, task: int, a: Arguments) -> Found:
        return self._unlinking(task, _AT_FDCWD, a[0])

    def _unlinkat(self, task: int, a: Arguments) -> Found:
        return self._unlinking(task, a[0], a[1])

    def _unlinking(self, task: int, folder: int, address: int) -> Found:
        path, stat, opened = self._named(task, folder, address)
        if stat is None or pseudo(path):
            return []
        return [(task, "unlink", path, b"", stat, self._sightings.keep(path, stat, opened))]

    def _link(self, task: int, a: Arguments) -> Found:
        return self._linking(task, (_AT_FDCWD, a[0]), (_AT_FDCWD, a[1]), 0)

    def _linkat(self, task: int, a: Arguments) -> Found:
        return self._linking(task, (a[0], a[1]), (a[2], a[3]), a[4])

    def _linking(
        self, task: int, source: tuple[int, int], target: tuple[int, int], flags: int
    ) -> Found:
        path = self._path(task, *source, empty=flags & _AT_EMPTY_PATH)
        stat = stat_of(self._tracees.openable(task, path), follow=False)
        if stat is None:
            return []
        return [(task, "link", tidy(path), self._named(task, *target)[0], stat, b"")]

    def _symlink(self, task: int, a: Arguments) -> Found:
        return self._symlinking(task, a[0], _AT_FDCWD, a[1])

    def _symlinkat(self, task: int, a: Arguments) -> Found:
        return self._symlinking(task, a[0], a[1], a[2])

    def _symlinking(self, task: int, text: int, folder: int, address: int) -> Found:
        other = self._named(task, folder, address)[0]
        path = os.path.join(os.path.dirname(other), self._tracees.text(task, text))
        return [(task, "symlink", tidy(path), other, stat_of(path), b"")]

    def _truncate(self, task: int, a: Arguments) -> Found:
        path = self._path(task, _AT_FDCWD, a[0])
        opened = self._tracees.openable(task, path)
        stat = stat_of(opened)
        path = tidy(path)
        return [(task, "truncate", path, b"", stat, self._sightings.keep(path, stat, opened))]

    def _connect(self, task: int, a: Arguments) -> Found:
        where = peer(self._tracees.block(task, a[1], min(a[2] & 0xFF, 128)))
        if where:
            self._sightings.peer(where)
        return []

    def _io_uring_setup(self, task: int, a: Arguments) -> Found:
        self._sightings.gap(
            f"io_uring used by pid {self._process(task)}: its reads are not visible"
        )
        return []

    def _open_by_handle_at(self, task: int, a: Arguments) -> Found:
        self._sightings.gap(f"files opened by handle, not by name, by pid {self._process(task)}")
        return []

    def _chdir(self, task: int, a: Arguments) -> Found:
        self._tracees.folders.clear()
        return []

    _fchdir = _chdir

    def _chroot(self, task: int, a: Arguments) -> Found:
        self._tracees.varied = True
        self._tracees.folders.clear()
        return []

    _pivot_root = _unshare = _setns = _clone = _chroot

    def _process(self, task: int) -> int:
        return self._tracees.family(task)[0]

    def _path(self, task: int, folder: int, address: int, *, empty: int = 0) -> bytes:
        text = self._tracees.text(task, address)
        if not text and empty:
            return self._tracees.descriptor(task, folder)
        return self._tracees.absolute(task, folder, text)

    def _named(self, task: int, folder: int, address: int) -> tuple[bytes, Stat | None, bytes]:
        """Returns a path, what it is itself (a symlink is not followed), and how we open it."""
        path = self._path(task, folder, address)
        opened = self._tracees.openable(task, path)
        return self._truly(task, tidy(path), opened), stat_of(opened, follow=False), opened

    def _truly(self, task: int, path: bytes, opened: bytes) -> bytes:
        """Returns a better name where `..` behind a symlink made the lexical one untrue."""
        if b"/.." not in opened or stat_of(path, follow=False) == stat_of(opened, follow=False):
            return path
        folder, _, name = opened.rpartition(b"/")
        if name in (b"..", b"", b"."):
            return os.path.realpath(opened)
        return os.path.join(os.path.realpath(folder), name)

    def _reopened(self, task: int, path: bytes) -> bytes:
        """Returns the file behind `/dev/stdin` and the like, `b""` when there is none."""
        if path in _STANDARD:
            number = _STANDARD[path]
        else:
            prefix = next((prefix for prefix in _OPENED if path.startswith(prefix)), b"")
            rest = path[len(prefix) :]
            if not prefix or not rest.isdigit():
                return b""
            number = int(rest)
        target = self._tracees.descriptor(task, number)
        return b"" if target[:1] != b"/" or pseudo(target) else target


def op_of(flags: int, stat: Stat | None) -> str | None:
    """Returns what an open with these flags is; None of an unnamed temporary file."""
    access = flags & os.O_ACCMODE
    if flags & _TMPFILE == _TMPFILE:
        return None
    if access == os.O_RDONLY and not flags & os.O_TRUNC:
        if stat is None and flags & os.O_CREAT:
            return "write"
        folder = stat is not None and stat[5] & 0o170000 == 0o040000
        return "list" if folder or flags & os.O_DIRECTORY else "read"
    if flags & os.O_TRUNC:
        return "write"
    if access == os.O_RDWR:
        return "readwrite"
    return "append" if flags & os.O_APPEND else "write"


def _interpreter(opened: bytes) -> bytes:
    """Returns the program that a script's first line names."""
    try:
        with open(opened, "rb", buffering=0) as script:
            first = script.read(256)
    except OSError:
        return b""
    if first[:2] != b"#!":
        return b""
    words = first[2:].split(b"\n", 1)[0].split()
    return words[0] if words and words[0][:1] == b"/" else b""


def peer(address: bytes) -> str:
    """Returns a socket address in words: `93.184.216.34:443`, `unix:/run/docker.sock`.

    >>> peer(bytes([2, 0, 1, 187, 93, 184, 216, 34]))
    '93.184.216.34:443'
    """
    if len(address) < 3:
        return ""
    (family,) = struct.unpack_from("=H", address)
    if family == 1:
        name = address[2:]
        if name[:1] == b"\0":
            return "unix:@" + os.fsdecode(name[1:].rstrip(b"\0"))
        return "unix:" + os.fsdecode(name.split(b"\0", 1)[0])
    port = int.from_bytes(address[2:4], "big")
    if family == 2 and len(address) >= 8:
        return f"{'.'.join(map(str, address[4:8]))}:{port}"
    if family == 10 and len(address) >= 24:
        import ipaddress  # only programs that speak IPv6 pay for it

        found = ipaddress.IPv6Address(address[8:24])
        if found.ipv4_mapped is not None:
            return f"{found.ipv4_mapped}:{port}"
        return f"[{found}]:{port}"
    return ""
