"""A repo in a folder: temporary file, fsync, link, fsync of the folder.

`os.link` fails where the name exists, so creation is atomic without any lock, and a reader never
sees half a file. The folder is synced as well, because a name that is not on disk is lost with
the power even where its bytes are safe.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sestina.errors import SestinaError, Unavailable
from sestina.store.backend import checked, checked_prefix, missing, taken

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


class LocalBackend:
    """Keys as files below `folder`; temporary files in `folder/tmp`."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fspath(folder)
        self._tmp = os.path.join(self._folder, "tmp")

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        path = self._path(key)
        with explained(key):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                rest = max(0, os.fstat(descriptor).st_size - start)
                wanted = rest if length is None else min(length, rest)
                return _read(descriptor, start, wanted)
            finally:
                os.close(descriptor)

    def put(self, key: str, source: bytes | Path) -> None:
        path = self._path(key)
        with explained(key):
            if os.path.lexists(path):
                raise taken(key)
            tmp = self._write(source) if isinstance(source, bytes) else os.fspath(source)
            try:
                sync(tmp)
                make_folder(os.path.dirname(path))
                _create(tmp, path)
            except FileExistsError:
                raise taken(key) from None
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(tmp)
            sync(os.path.dirname(path))

    def size(self, key: str) -> int | None:
        try:
            with explained(key):
                status = os.stat(self._path(key))
        except KeyError:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def open(self, key: str) -> BinaryIO:
        with explained(key):
            return open(self._path(key), "rb")

    def keys(self, prefix: str) -> list[str]:
        top = os.path.join(self._folder, checked_prefix(prefix))
        with explained(prefix):
            return sorted(prefix + name for name in _walk(top))

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            with explained(key):
                os.unlink(path)
                sync(os.path.dirname(path))
        except KeyError:
            return

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, checked(key))

    def _write(self, data: bytes) -> str:
        os.makedirs(self._tmp, exist_ok=True)
        tmp = os.path.join(self._tmp, f"put-{os.getpid()}-{os.urandom(8).hex()}")
        try:
            with open(tmp, "xb") as file:
                file.write(data)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(tmp)
            raise
        return tmp


def sync(path: str) -> None:
    """Returns when the file or folder at `path` is on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: str) -> None:
    """Returns when the folder exists, durably: a new folder's parent is synced."""
    if os.path.isdir(path):
        return
    make_folder(os.path.dirname(path))
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)
    sync(os.path.dirname(path))


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turns errors of the operating system into those of sestina."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise missing(what) from None
    except OSError as error:
        if isinstance(error, SestinaError):
            raise
        raise told(what, error) from error


def told(what: str, error: OSError) -> Unavailable:
    """Returns the error of sestina that tells what the operating system said about `what`."""
    if error.errno in _FULL:
        return Unavailable(
            "unavailable/disk-full",
            f"the disk is full: '{what}' was not written",
            why="nothing half-written is kept; the repo is as it was before",
            hint="df -h",
        )
    if error.errno in _READ_ONLY:
        return Unavailable(
            "unavailable/permission",
            f"'{what}' cannot be used: {error.strerror}",
            why="the repo or the file lies on read-only media or belongs to somebody else",
        )
    return Unavailable("unavailable/disk", f"'{what}' cannot be used: {error.strerror or error}")


def _read(descriptor: int, start: int, length: int) -> bytes:
    """One call gives at most 2 GB."""
    data = os.pread(descriptor, length, start)
    while data and len(data) < length:
        more = os.pread(descriptor, length - len(data), start + len(data))
        if not more:
            break
        data += more
    return data


def _walk(top: str) -> Iterator[str]:
    try:
        listing = os.scandir(top)
    except (FileNotFoundError, NotADirectoryError):
        return
    with listing:
        for item in listing:
            if item.is_dir(follow_symlinks=False):
                yield from (f"{item.name}/{name}" for name in _walk(item.path))
            elif item.is_file(follow_symlinks=False):
                yield item.name


def _create(tmp: str, path: str) -> None:
    try:
        os.link(tmp, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        rename_to_new(tmp, path)


def rename_to_new(old: str, new: str) -> None:
    """Renames a file where nothing has the new name; raises FileExistsError (FAT has no links)."""
    import ctypes

    here, no_replace = -100, 1  # AT_FDCWD, RENAME_NOREPLACE
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(here, os.fsencode(old), here, os.fsencode(new), no_replace) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), new)
