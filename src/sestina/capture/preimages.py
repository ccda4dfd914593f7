"""Copies of files taken in the moment before the run changes them."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from sestina.capture.lives import Lives
from sestina.capture.secrets import denied

_FICLONE = 0x40049409  # linux/fs.h: share the extents of a whole file, if the file system can
_AT_ONCE = 1 << 26


class Preimages:
    """Keeps what a file was before the run changed it, in a folder of the live run.

    A file over `size_cap` bytes is shared or not kept at all.
    """

    def __init__(self, folder: Path, *, size_cap: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = os.fsencode(folder)
        self._size_cap = size_cap
        self._count = 0

    def unread(self, path: bytes) -> bytes:
        """Returns `b""`: what a run overwrites without having read it is no input of the run."""
        return b""

    def __call__(self, path: bytes) -> bytes:
        """Returns where the copy of `path` lies, `b""` where none may or can be had."""
        if denied(path):
            return b""
        self._count += 1
        copy = os.path.join(self._folder, b"%d" % self._count)
        source = target = -1
        try:
            source = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
            found = os.fstat(source)
            if not stat.S_ISREG(found.st_mode):
                return b""
            target = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            size = found.st_size
            if _shared(source, target) or (
                size <= self._size_cap and _copied(source, target, size)
            ):
                return copy
            os.unlink(copy)
            return b""
        finally:
            for descriptor in (source, target):
                if descriptor >= 0:
                    os.close(descriptor)


def recover_beginnings(lives: Lives, folder: Path) -> None:
    """Makes an input of what a file held before the run appended to it and then read it."""
    for number, life in enumerate(lives.grown_and_read()):
        assert life.before_append is not None
        copy = os.path.join(os.fsencode(folder), b"beginning-%d" % number)
        try:
            with open(life.path, "rb") as source, open(copy, "xb") as target:
                if not _copied(source.fileno(), target.fileno(), life.before_append[2]):
                    continue
        except OSError:
            continue
        life.read, life.opened, life.kept = True, life.before_append, copy


def _shared(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _copied(source: int, target: int, size: int) -> bool:
    """Returns whether `size` bytes were there to copy."""
    while size:
        try:
            count = os.copy_file_range(source, target, min(size, _AT_ONCE))
        except OSError:  # across file systems of another kind
            count = os.sendfile(target, source, None, min(size, _AT_ONCE))
        if not count:
            return False
        size -= count
    return True
