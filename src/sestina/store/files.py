"""Reading files that others may change, and writing files that nobody sees half-written."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from sestina.errors import Conflict, InvalidInput, NotFound, SestinaError
from sestina.kernel import escape
from sestina.kernel.ids import BlobId
from sestina.store.backends.local import told
from sestina.store.packs import damaged
from sestina.store.statcache import stamp_of

_PIECE = 1 << 20
_HOLE = bytes(_PIECE)
_FICLONE = 0x40049409  # linux/fs.h: share the extents of another file


def regular(path: bytes) -> os.stat_result:
    """Returns the status of the regular file at `path` (links are followed).

    Raises InvalidInput for a folder, FIFO, socket or device, which are never opened.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise _said(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise _not_regular(path)
    return status


class File:
    """An open regular file. Each way of reading raises `conflict/torn` if it changed meanwhile."""

    def __init__(self, path: bytes, descriptor: int) -> None:
        self.status = os.fstat(descriptor)
        self._path = path
        self._descriptor = descriptor
        if not stat.S_ISREG(self.status.st_mode):  # swapped between stat and open
            raise _not_regular(path)

    def read(self) -> bytes:
        """Returns all bytes."""
        return b"".join(self._pieces(max(_PIECE, self.status.st_size + 1)))

    def hashed(self) -> BlobId:
        """Returns the id of the bytes."""
        total = hashlib.sha256()
        for piece in self._pieces(_PIECE):
            total.update(piece)
        return BlobId(total.hexdigest())

    def copied(self, to: Path) -> BlobId:
        """Returns the id of the bytes, now in the new file `to`; extents are shared if possible.

        The id is taken over the copy, which nobody else can change.
        """
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("x+b") as copy:
            if not _clone(self._descriptor, copy.fileno()):
                for piece in self._pieces(_PIECE):
                    _write_sparsely(copy, piece)
                copy.truncate()
            self._check(copy.seek(0, os.SEEK_END))
            copy.seek(0)
            return BlobId(hashlib.file_digest(copy, "sha256").hexdigest())

    def _pieces(self, length: int) -> Iterator[bytes]:
        total = 0
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        while piece := os.read(self._descriptor, length):
            total += len(piece)
            if total > self.status.st_size:  # it may grow for as long as it is read
                break
            yield piece
        self._check(total)

    def _check(self, total: int) -> None:
        after = os.fstat(self._descriptor)
        if total != after.st_size or stamp_of(after) != stamp_of(self.status):
            raise Conflict(
                "conflict/torn",
                f"'{escape.to_text(self._path)}' changed while it was read",
                why="another process writes to it",
            )


def read_whole(path: bytes, take: Callable[[File], BlobId]) -> tuple[BlobId, os.stat_result]:
    """Returns what `take` makes of the open file, and its status; torn reads are tried twice."""
    for last in (False, True):
        with _opened(path) as file:
            try:
                return take(file), file.status
            except Conflict as error:
                if last or error.code != "conflict/torn":
                    raise
    raise AssertionError("the loop returns or raises")


def write_new(path: Path, data: bytes) -> None:
    """Returns when the new file has these bytes; a file that could not be written is gone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise told(os.fspath(path.parent), error) from error


def verify(stream: BinaryIO, identifier: str) -> None:
    """Returns with the stream at its start if its bytes have this id; raises Corrupt."""
    stream.seek(0)
    total = hashlib.sha256()
    try:
        while piece := stream.read(_PIECE):
            total.update(piece)
    except OSError as error:
        raise damaged(identifier, str(error)) from error
    if total.hexdigest() != identifier:
        raise damaged(identifier, "the bytes give another id")
    stream.seek(0)


def write_verified(source: BinaryIO, identifier: str, to: bytes, *, executable: bool) -> None:
    """Returns when the file `to` is replaced by bytes that have this id; raises Corrupt."""
    tmp = os.path.join(os.path.dirname(to), b".sestina-" + os.urandom(6).hex().encode())
    with _named(to):
        mode = 0o777 if executable else 0o666
        descriptor = os.open(tmp, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                _fill(source, file)
                verify(file, identifier)
            os.replace(tmp, to)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(tmp)
            raise


def _fill(source: BinaryIO, file: BinaryIO) -> None:
    with contextlib.suppress(OSError):  # bytes in memory have no descriptor
        if _clone(source.fileno(), file.fileno()):
            return
    while piece := source.read(_PIECE):
        _write_sparsely(file, piece)
    file.truncate()


def _write_sparsely(file: BinaryIO, piece: bytes) -> None:
    if piece == _HOLE:
        file.seek(len(piece), os.SEEK_CUR)
    else:
        file.write(piece)


def _clone(source: int, target: int) -> bool:
    import fcntl

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _opened(path: bytes) -> Iterator[File]:
    with _named(path):
        # O_NONBLOCK: a FIFO that took the file's place since `regular` looked must not block.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            yield File(path, descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _named(path: bytes) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _said(path, error) from error


def _said(path: bytes, error: OSError) -> SestinaError:
    name = escape.to_text(path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NotFound("not-found/file", f"there is no file '{name}'")
    if error.errno == errno.ELOOP:
        return NotFound("not-found/file", f"'{name}' is a link that leads to itself")
    return told(name, error)


def _not_regular(path: bytes) -> InvalidInput:
    name = escape.to_text(path)
    return InvalidInput("invalid-input/file-kind", f"'{name}' is not a regular file")
