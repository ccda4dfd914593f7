"""From compiled Python back to its source, so that a second run counts the same files as a first.

A first run reads `train.py` and writes `__pycache__/train.cpython-311.pyc`; the next one reads only
that. What determined the run is the source in both. The names are those of PEP 3147.
"""

from __future__ import annotations

import os
import re
import struct

from sestina.capture.lives import Life, Lives
from sestina.capture.observer import Stat
from sestina.capture.places import INSTALLED, STANDARD_LIBRARY
from sestina.capture.sightings import stat_of

_CACHED = re.compile(
    rb"(?P<folder>.*)/__pycache__/(?P<stem>[^/]+?)\.(?:cpython|pypy|graalpy)[^/]*\.pyc", re.DOTALL
)
_MOVED = re.compile(
    rb"(?P<folder>.*)/(?P<stem>[^/]+?)\.(?:cpython|pypy|graalpy)[^/]*\.pyc", re.DOTALL
)
_WRITTEN = re.compile(rb"\.pyc\.\d+\Z")
_HEADER = struct.Struct("<4sIII")


def replace_bytecode(lives: Lives, prefix: bytes = b"") -> set[bytes]:
    """Puts its source in the place of every bytecode file; returns the sources that are stale.

    `prefix` is PYTHONPYCACHEPREFIX. Stale are sources that are no longer what the bytecode was
    compiled from although only the bytecode was opened: they changed during the run.
    """
    stale = set()
    for life in lives.all():
        if b".pyc" not in life.path:
            continue
        if _WRITTEN.search(life.path):
            del lives.by_path[life.path]  # under its passing name, before the rename
            continue
        if not life.path.endswith(b".pyc"):
            continue
        source = source_of(life.path, prefix)
        found = None if source is None else stat_of(source)
        if source is None or found is None:
            life.executed = life.read and source is None
            continue
        del lives.by_path[life.path]
        if not (life.read or life.read_later):
            continue
        known = lives.by_path.get(source)
        if known is None or not (known.read or known.changed):
            known = lives.by_path.setdefault(source, Life(source))
            known.read, known.after = True, found
            known.pids |= life.pids
            installed = INSTALLED.search(source) or STANDARD_LIBRARY.search(source)
            if life.read and not life.changed and not installed and _differs(life.path, found):
                stale.add(source)
    return stale


def source_of(path: bytes, prefix: bytes = b"") -> bytes | None:
    """Returns where the source of a bytecode file lies, None for bytecode that stands alone.

    >>> source_of(b"/p/__pycache__/train.cpython-311.opt-1.pyc")
    b'/p/train.py'
    """
    if prefix and path.startswith(prefix.rstrip(b"/") + b"/"):
        match = _MOVED.fullmatch(path[len(prefix.rstrip(b"/")) :])
    else:
        match = _CACHED.fullmatch(path)
    if match:
        return match["folder"] + b"/" + match["stem"] + b".py"
    beside = path[:-1]
    return beside if os.path.exists(beside) else None


def _differs(path: bytes, found: Stat) -> bool:
    """Returns whether the header of bytecode names another time or size than the source has."""
    try:
        with open(path, "rb") as file:
            _, flags, modified, size = _HEADER.unpack(file.read(_HEADER.size))
    except (OSError, struct.error):
        return False
    if flags:
        return False  # checked by content, or not at all
    then = (found[3] // 1_000_000_000) & 0xFFFFFFFF
    return (modified, size) != (then, found[2] & 0xFFFFFFFF)
