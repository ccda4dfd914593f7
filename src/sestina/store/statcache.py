"""The ids of files that were read before, so that an unchanged file is not read again.

A row is believed while path, size, mtime, ctime, inode and device are what they were. A file that
changed within a clock tick of being read could change once more and keep all six, so such a file
is not remembered (git calls it racily clean).
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterable

from sestina.store.sqlitefile import SqliteFile

_STAMP = struct.Struct("<QqqQQ")
_TICK_NS = 20_000_000
_MANY = 500


def stamp_of(status: os.stat_result) -> bytes:
    """Returns what of a file's status tells that it changed."""
    return _STAMP.pack(
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    )


class StatCache:
    """Ids by absolute path. What was learnt is written by `save`, in one transaction."""

    def __init__(self, file: SqliteFile, clock: Callable[[], int] = time.time_ns) -> None:
        self._file = file
        self._clock = clock
        self._known: dict[bytes, tuple[bytes, bytes] | None] = {}
        self._learnt: dict[bytes, tuple[bytes, bytes]] = {}

    def find(self, path: bytes, status: os.stat_result) -> str | None:
        """Returns the id that the file had with this status, None where it is not known."""
        if path not in self._known:
            self.prefetch([path])
        row = self._known.get(path)
        return row[1].hex() if row is not None and row[0] == stamp_of(status) else None

    def prefetch(self, paths: Iterable[bytes]) -> None:
        """Returns when all that is known about `paths` is in memory; one query per 500."""
        wanted = [path for path in paths if path not in self._known]
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            marks = ",".join("?" * len(part))
            question = f"SELECT path, stamp, id FROM stat WHERE path IN ({marks})"  # noqa: S608
            rows = self._file.work(
                lambda connection, question=question, part=part: connection.execute(  # type: ignore[misc]
                    question, part
                ).fetchall()
            )
            self._known.update(dict.fromkeys(part))
            self._known.update({path: (stamp, identifier) for path, stamp, identifier in rows})

    def learn(self, path: bytes, status: os.stat_result, began_ns: int, identifier: str) -> None:
        """Remembers an id that was read from `began_ns` on, unless the file is too young."""
        if max(status.st_ctime_ns, status.st_mtime_ns) < began_ns - _TICK_NS:
            row = (stamp_of(status), bytes.fromhex(identifier))
            self._known[path] = self._learnt[path] = row

    def now(self) -> int:
        """Returns the clock by which a file is too young."""
        return self._clock()

    def save(self) -> None:
        """Returns when what was learnt is in the file."""
        if not self._learnt:
            return
        rows = [(path, *row) for path, row in self._learnt.items()]
        self._file.write(
            lambda connection: connection.executemany(
                "INSERT OR REPLACE INTO stat VALUES (?, ?, ?)", rows
            )
        )
        self._learnt.clear()
