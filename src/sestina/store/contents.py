"""The bytes of files by id; the only place that knows how blobs are laid out.

Small and medium blobs go into packs. One of 8 MB or more is a file of its own under `blobs/`,
plain, so that `sha256sum` checks it in place and a file system that shares extents can share them.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from sestina.errors import Conflict, NotFound, SestinaError
from sestina.kernel.ids import BlobId, blob_id, is_id, short
from sestina.store import files
from sestina.store.backend import Backend
from sestina.store.backends.local import told
from sestina.store.drawer import Drawer, tmp_name
from sestina.store.files import File
from sestina.store.sqlitefile import SqliteFile
from sestina.store.statcache import StatCache

LARGE = 8 << 20


def loose_key(identifier: str) -> str:
    """Returns the key of a blob that is a file of its own."""
    return f"blobs/{identifier[:2]}/{identifier[2:]}"


class Contents:
    """Adds and reads blobs. What was added is durable after the next commit.

    `is_purged` says which ids were removed for good: their bytes are not taken in again.
    """

    def __init__(
        self,
        backend: Backend,
        index: SqliteFile,
        scratch: Path,
        *,
        is_purged: Callable[[str], bool],
        before_write: Callable[[], None],
    ) -> None:
        self.drawer = Drawer(backend, index, "packs/", scratch)
        self.stats = StatCache(index)
        self._backend = backend
        self._scratch = scratch
        self._is_purged = is_purged
        self._before_write = before_write
        self._loose: dict[str, Path] = {}

    def add_file(self, path: bytes) -> tuple[BlobId, int]:
        """Returns id and size of the file at `path`, whose bytes are kept.

        A file that is held and has not changed since it was last read is not read again. Raises
        Conflict (`conflict/torn`) for a file that changes while it is read, InvalidInput for what
        is not a regular file, NotFound, and Unavailable.
        """
        self._before_write()
        status = files.regular(path)
        known = self.stats.find(path, status)
        if known is not None and (self.has(known) or self._is_purged(known)):
            return BlobId(known), status.st_size
        return self._learn(path, self._keep_large if status.st_size >= LARGE else self._keep_small)

    def identify(self, path: bytes) -> tuple[BlobId, int]:
        """Returns id and size of the file at `path`, whose bytes are not kept."""
        status = files.regular(path)
        known = self.stats.find(path, status)
        if known is not None:
            return BlobId(known), status.st_size
        return self._learn(path, lambda file: file.hashed())

    def identify_many(self, paths: Iterable[bytes]) -> dict[bytes, tuple[BlobId, int] | None]:
        """Returns id and size by path, None for what cannot be read; one look-up for all."""
        wanted = list(paths)
        self.stats.prefetch(wanted)
        found: dict[bytes, tuple[BlobId, int] | None] = {}
        for path in wanted:
            try:
                status = os.stat(path)
                known = self.stats.find(path, status)
                if known is not None:  # only regular files are ever learnt
                    found[path] = BlobId(known), status.st_size
                else:
                    found[path] = self.identify(path)
            except (SestinaError, OSError):
                found[path] = None
        return found

    def held_files(self, paths: Iterable[bytes]) -> dict[bytes, tuple[BlobId, int]]:
        """Returns id and size of the files that are held and as they were when last read.

        For those `add_file` has nothing to do; one look-up for all, and no file is opened.
        """
        self._before_write()
        known: dict[bytes, tuple[BlobId, int]] = {}
        wanted = list(paths)
        self.stats.prefetch(wanted)
        for path in wanted:
            try:
                status = os.stat(path)
            except (OSError, ValueError):
                continue
            identifier = self.stats.find(path, status)
            if identifier is not None:  # only regular files are ever learnt
                known[path] = BlobId(identifier), status.st_size
        here = self.drawer.held({identifier for identifier, _ in known.values()})
        return {path: found for path, found in known.items() if found[0] in here}

    def add(self, data: bytes) -> BlobId:
        """Returns the id of `data`, which is kept."""
        self._before_write()
        identifier = blob_id(data)
        if self.has(identifier) or self._is_purged(identifier):
            return identifier
        if len(data) < LARGE:
            self.drawer.add(identifier, data)
        else:
            tmp = self._scratch / tmp_name("blob")
            files.write_new(tmp, data)
            self._loose[identifier] = tmp
        return identifier

    def has(self, identifier: str) -> bool:
        """Returns whether the bytes are here or pending."""
        return (
            identifier in self._loose
            or self.drawer.has(identifier)
            or self._loose_size(identifier) is not None
        )

    def size(self, identifier: str) -> int:
        """Returns the size in bytes; raises NotFound."""
        if identifier in self._loose:
            return self._loose[identifier].stat().st_size
        size = self._loose_size(identifier)
        if size is None:
            size = self.drawer.size(identifier)
        if size is None:
            raise self._missing(identifier)
        return size

    def read(self, identifier: str) -> bytes:
        """Returns the bytes, verified against the id; raises NotFound or Corrupt."""
        with self.open(identifier) as stream:
            return stream.read()

    def open(self, identifier: str) -> BinaryIO:
        """Returns a seekable stream whose bytes were verified just now."""
        loose = self._open_loose(identifier)
        if loose is not None:
            try:
                files.verify(loose, identifier)
            except BaseException:
                loose.close()
                raise
            return loose
        data = self.drawer.read(identifier)
        if data is None:
            raise self._missing(identifier)
        return io.BytesIO(data)

    def export(self, identifier: str, to: Path | bytes, *, executable: bool = False) -> None:
        """Returns when the file `to` has the blob's bytes, verified.

        `to` is replaced in one step and never followed where it is a link. Raises NotFound,
        Corrupt, and Unavailable.
        """
        source = self._open_loose(identifier) or self.open(identifier)
        with source:
            files.write_verified(source, identifier, os.fsencode(to), executable=executable)

    def flush(self) -> None:
        """Returns when all that was added is durable."""
        for identifier in list(self._loose):
            try:
                self._backend.put(loose_key(identifier), self._loose[identifier])
            except Conflict:
                self._loose[identifier].unlink(missing_ok=True)
            del self._loose[identifier]
        self.drawer.flush()

    def drop(self) -> None:
        """Returns when nothing is pending."""
        for path in self._loose.values():
            with contextlib.suppress(OSError):
                path.unlink()
        self._loose.clear()
        self.drawer.drop()

    def find_prefix(self, prefix: str, limit: int = 20) -> list[BlobId]:
        """Returns the ids that start with these hex digits (at least two), sorted."""
        folder = f"blobs/{prefix[:2]}/"
        loose = {prefix[:2] + key.removeprefix(folder) for key in self._backend.keys(folder)}
        packed = self.drawer.starting_with(prefix, limit)
        return sorted(map(BlobId, {i for i in loose if i.startswith(prefix)} | set(packed)))

    def _learn(self, path: bytes, take: Callable[[File], BlobId]) -> tuple[BlobId, int]:
        began = self.stats.now()
        identifier, status = files.read_whole(path, take)
        self.stats.learn(path, status, began, identifier)
        return identifier, status.st_size

    def _keep_small(self, file: File) -> BlobId:
        return self.add(file.read())

    def _keep_large(self, file: File) -> BlobId:
        tmp = self._scratch / tmp_name("blob")
        kept = False
        try:
            identifier = file.copied(tmp)
            kept = not self.has(identifier) and not self._is_purged(identifier)
            if kept:
                self._loose[identifier] = tmp
            return identifier
        except OSError as error:
            raise told(os.fspath(self._scratch), error) from error
        finally:
            if not kept:
                tmp.unlink(missing_ok=True)

    def _loose_size(self, identifier: str) -> int | None:
        return self._backend.size(loose_key(identifier)) if is_id(identifier) else None

    def _open_loose(self, identifier: str) -> BinaryIO | None:
        if identifier in self._loose:
            return self._loose[identifier].open("rb")
        if not is_id(identifier):  # a damaged or hostile record may hold any text
            return None
        try:
            return self._backend.open(loose_key(identifier))
        except NotFound:
            return None

    def _missing(self, identifier: str) -> NotFound:
        why = "it was removed for good" if self._is_purged(identifier) else None
        return NotFound("not-found/blob", f"this repo has no blob {short(identifier)}", why=why)
