"""The file this process writes: one JSON object a line.

It is opened and closed for each line. A descriptor kept open would shift the numbers the program
sees, and a daemon that closes every descriptor could have a file of its own where ours was. The
system calls are bound at import, so that a program which replaces `os.open` does not see them.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

try:
    from _json import encode_basestring_ascii as _quote
except ImportError:  # an interpreter without the C part
    from json.encoder import encode_basestring_ascii as _quote

_open, _write, _close, _pid = os.open, os.write, os.close, os.getpid
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
_LONGEST = 65536


class _Page:
    """Where this process writes, and whether it has said goodbye."""

    folder = ""
    path = ""
    closed = False
    settled = True  # nothing was written since it last said that all is told
    inherited: frozenset[str] = frozenset()  # modules that the parent of a fork tells about
    opening: dict[str, object] | None = None  # the line a forked process begins with


_page = _Page()
_closing = allocate_lock()


def begin(folder: str) -> None:
    """Chooses the file of this process in `folder`."""
    _page.folder = folder
    _page.path = os.path.join(folder, "%d-%d" % (_pid(), time.time_ns()))
    _page.closed = False


def turn_page() -> None:
    """Gives a forked child a file of its own; it is made when there is something to say."""
    begin(_page.folder)
    _page.opening = {"k": "fork", "cwd": cwd()}
    _page.inherited = frozenset(sys.modules)


def close() -> bool:
    """Returns True once in the life of a process."""
    with _closing:
        first = bool(_page.path) and not _page.closed
        _page.closed = True
        return first


def settle() -> None:
    """Says that all is told for now: a worker that is idle may be killed at any moment."""
    if not _page.settled:
        note({"k": "settled"})
        _page.settled = True


def inherited() -> frozenset[str]:
    """Returns the modules that were imported before this process was forked."""
    return _page.inherited


def folder() -> str:
    """Returns the folder all processes of the run write to."""
    return _page.folder


def cwd() -> str | None:
    """Returns the working folder, None when it is gone."""
    try:
        return os.getcwd()
    except OSError:
        return None


def note(record: dict[str, object]) -> None:
    """Appends one record; a full disk or a forbidden folder loses it in silence."""
    note_all((record,))


def note_all(records: Iterable[dict[str, object]], kind: str = ".jsonl") -> None:
    """Appends records with one write, to the file of their kind."""
    lines = []
    if kind == ".jsonl":
        _page.settled = False
        if _page.opening is not None:
            lines.append(_line(dict(_page.opening, pid=_pid(), ppid=os.getppid())))
            _page.opening = None
    for record in records:
        if record["k"] == "start":
            record = dict(record, pid=_pid(), ppid=os.getppid())
        lines.append(_line(record))
    try:
        handle = _open(_page.path + kind, _FLAGS, 0o600)
    except OSError:
        return
    try:
        data = "".join(lines).encode("ascii")
        while data:
            data = data[_write(handle, data) :]
    except OSError:
        return
    finally:
        _close(handle)


def _line(record: object) -> str:
    return encode(record) + "\n"


def encode(value: object) -> str:
    """Returns ASCII JSON; bytes that are not UTF-8 become `\\udcXX` and come back whole."""
    if type(value) is str and len(value) <= _LONGEST:
        return _quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, dict):
        inner = ",".join(_quote(str(key)) + ":" + encode(item) for key, item in value.items())
        return "{" + inner + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(encode, value)) + "]"
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    if not isinstance(value, str):
        value = "<" + type(value).__name__ + ">"  # never ask a stranger for its text
    text = str.__str__(value)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "… (%d characters)" % len(text)
    return _quote(text)
