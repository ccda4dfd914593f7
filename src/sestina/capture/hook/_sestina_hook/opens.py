"""Records what Python itself opens, changes and starts, for machines without a kernel observer.

Audit events (PEP 578) come before the call they speak of, so that the file can still be looked at
as it was, and copied when the call is about to destroy it. A call that then fails is recorded too.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident

from . import diary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MOST_KEPT = 256 << 20
_open, _stat, _getcwd, _getpid = os.open, os.stat, os.getcwd, os.getpid


class _Seen:
    """What this process saw, so that it tells it once."""

    folder = ""
    kept: set[str] = set()  # noqa: RUF012
    made: set[str] = set()  # noqa: RUF012
    reads: set[str] = set()  # noqa: RUF012
    inside: set[int] = set()  # noqa: RUF012


def watch(folder: str) -> None:
    """Starts recording; it lasts as long as the process, for audit hooks cannot be taken away."""
    _Seen.folder = folder
    sys.addaudithook(_heard)


def _heard(event: str, given: tuple[Any, ...]) -> None:
    tell = _EVENTS.get(event)
    if tell is None:
        return
    thread = get_ident()
    if thread in _Seen.inside:
        return
    _Seen.inside.add(thread)
    try:
        tell(*given)
    except Exception:
        return
    finally:
        _Seen.inside.discard(thread)


def _note(op: str, path: str, other: str = "", **more: object) -> None:
    if path.startswith(_Seen.folder):
        return
    stat = _brief(path, follow=op in ("open", "truncate"))
    kept = ""
    if op in ("rename", "link") and other:
        kept = _keep(other) if op == "rename" else ""
        _Seen.made.add(other)
    elif op in ("unlink", "truncate") or (op == "open" and _destroys(more["flags"])):
        kept = _keep(path)
        if stat is None:
            _Seen.made.add(path)
    elif op == "open":
        if path in _Seen.reads and path not in _Seen.made and path not in _Seen.kept:
            return  # read before, and not changed since
        _Seen.reads.add(path)
    line = {"op": op, "path": path, "other": other, "stat": stat, "kept": kept}
    _write(dict(line, **more))


def _write(line: dict[str, object]) -> None:
    """Writes at once: workers of a pool are killed when their work is done."""
    diary.note_all((dict(line, k="seen", at=time.time_ns()),), ".opens")


def _destroys(flags: Any) -> bool:
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC))


def _brief(path: str, follow: bool = False) -> list[int] | None:
    try:
        found = _stat(path, follow_symlinks=follow)
    except (OSError, ValueError):
        return None
    return [
        found.st_dev, found.st_ino, found.st_size,
        found.st_mtime_ns, found.st_ctime_ns, found.st_mode,
    ]  # fmt: skip


def _keep(path: str) -> str:
    """Returns where a file was copied that is about to be destroyed, once a path."""
    stat = _brief(path)
    if stat is None or stat[5] & 0o170000 != 0o100000 or stat[2] > _MOST_KEPT:
        return ""
    if path in _Seen.kept or path in _Seen.made:
        return ""
    _Seen.kept.add(path)
    folder = os.path.join(_Seen.folder, "kept")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    copy = os.path.join(folder, "%d-%d" % (_getpid(), time.time_ns()))
    flags = getattr(os, "O_CLOEXEC", 0)
    source = _open(path, os.O_RDONLY | flags)
    try:
        target = _open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | flags, 0o600)
        try:
            while True:
                data = os.read(source, 1 << 20)
                if not data:
                    return copy
                while data:
                    data = data[os.write(target, data) :]
        finally:
            os.close(target)
    finally:
        os.close(source)


def _path(name: Any, folder: Any = None) -> str:
    """Returns an absolute path; `folder` is the `dir_fd` of the call, -1 or None without one."""
    if isinstance(name, int):
        return os.readlink("/proc/self/fd/%d" % name)
    text = os.fsdecode(name)
    if isinstance(folder, int) and folder >= 0:
        return os.path.join(os.readlink("/proc/self/fd/%d" % folder), text)
    return os.path.join(_getcwd(), text)


# --- one function for each audit event -----------------------------------------------------------


def _opened(name: Any, mode: Any, flags: Any) -> None:
    if name is not None and not isinstance(name, int):
        _note("open", _path(name), flags=flags or 0)


def _listed(name: Any = None) -> None:
    _note("open", _path("." if name is None else name), flags=getattr(os, "O_DIRECTORY", 0))


def _moved(source: Any, target: Any, source_fd: Any = -1, target_fd: Any = -1) -> None:
    _note("rename", _path(source, source_fd), _path(target, target_fd))


def _removed(name: Any, folder: Any = -1) -> None:
    _note("unlink", _path(name, folder))


def _linked(source: Any, target: Any, source_fd: Any = -1, target_fd: Any = -1) -> None:
    _note("link", _path(source, source_fd), _path(target, target_fd))


def _symlinked(source: Any, target: Any, folder: Any = -1) -> None:
    made = _path(target, folder)
    _note("symlink", os.path.join(os.path.dirname(made), os.fsdecode(source)), made)


def _truncated(name: Any, _: Any = 0) -> None:
    _note("truncate", _path(name))


def _database(name: Any, *_: Any) -> None:
    if os.fsdecode(name) not in ("", ":memory:"):
        _note("open", _path(name), flags=os.O_RDWR | os.O_CREAT)


def _library(_: Any, file: Any, *__: Any) -> None:
    if isinstance(file, str):
        _note("open", _path(file), flags=0)


def _dlopened(name: Any) -> None:
    if name and "/" in os.fsdecode(name):
        _note("open", _path(name), flags=0)


def _popened(program: Any, words: Any, *_: Any) -> None:
    argv = [words] if isinstance(words, (str, bytes)) else [os.fsdecode(word) for word in words]
    _started(program or argv[0], argv)


def _started(program: Any, words: Any, *_: Any) -> None:
    argv = [os.fsdecode(word) for word in words]
    _write({"op": "exec", "path": os.fsdecode(program), "argv": argv})


def _shell(command: Any) -> None:
    _started("/bin/sh", ["sh", "-c", command])


def _connected(_: Any, address: Any) -> None:
    where = "unix:" + os.fsdecode(address) if isinstance(address, (str, bytes)) else None
    if where is None:
        host = "[%s]" % address[0] if ":" in str(address[0]) else str(address[0])
        where = "%s:%s" % (host, address[1])
    _write({"op": "peer", "path": where})


_EVENTS: dict[str, Callable[..., None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.rename": _moved,
    "os.remove": _removed,
    "os.link": _linked,
    "os.symlink": _symlinked,
    "os.truncate": _truncated,
    "sqlite3.connect": _database,
    "import": _library,
    "ctypes.dlopen": _dlopened,
    "subprocess.Popen": _popened,
    "os.exec": _started,
    "os.posix_spawn": _started,
    "os.system": _shell,
    "socket.connect": _connected,
}
