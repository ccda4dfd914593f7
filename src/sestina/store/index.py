"""Which pack holds what, and which file has which id: a disposable file in the cache folder.

Packs never change, so a row about a pack is true for as long as the pack exists. Opening a repo
reads no pack; a look-up that misses lists the packs once and reads the directories of new ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sestina.errors import Corrupt, NotFound
from sestina.kernel.ids import is_id
from sestina.store import packs
from sestina.store.backend import Backend
from sestina.store.packs import Member
from sestina.store.sqlitefile import SqliteFile

_SCHEMA = """
CREATE TABLE pack (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE member (
    drawer TEXT NOT NULL, id BLOB NOT NULL, pack INTEGER NOT NULL,
    start INTEGER NOT NULL, length INTEGER NOT NULL, size INTEGER NOT NULL,
    encoding INTEGER NOT NULL, PRIMARY KEY (drawer, id, pack)
) WITHOUT ROWID;
CREATE INDEX member_of_pack ON member (pack);
CREATE TABLE stat (path BLOB PRIMARY KEY, stamp BLOB NOT NULL, id BLOB NOT NULL) WITHOUT ROWID;
"""
SUFFIX = ".pack"
_MANY = 500


def index_file(folder: Path | None) -> SqliteFile:
    """Returns the file that holds the index and the stat cache; None means in memory."""
    path = None if folder is None else folder / "index.sqlite"
    return SqliteFile(path, _SCHEMA, lambda connection: None)


def pack_key(drawer: str, identifier: str) -> str:
    """Returns the key of a pack in a drawer."""
    return f"{drawer}{identifier}{SUFFIX}"


def read_directory(backend: Backend, key: str) -> list[Member]:
    """Returns the members of the pack under `key`; raises Corrupt where it has no directory."""
    size = backend.size(key)
    if size is None:
        return []
    tail = packs.tail_length()
    start, length = packs.directory_span(backend.get(key, max(0, size - tail), tail), size)
    return packs.parse_directory(backend.get(key, start, length), start)


class PackIndex:
    """The packs of one drawer (`packs/` or `records/`), by the ids of their members."""

    def __init__(self, file: SqliteFile, backend: Backend, drawer: str) -> None:
        self._file = file
        self._backend = backend
        self._drawer = drawer
        self._fresh = False

    def find(self, identifier: str) -> list[tuple[str, Member]]:
        """Returns pack key and member of every copy in the packs that are known so far."""
        if not is_id(identifier):  # a damaged or hostile record may hold any text
            return []
        rows = self._file.work(
            lambda connection: connection.execute(
                "SELECT key, start, length, size, encoding FROM member JOIN pack"
                " ON pack.number = member.pack WHERE drawer = ? AND id = ?",
                (self._drawer, bytes.fromhex(identifier)),
            ).fetchall()
        )
        return [(key, Member(identifier, *rest)) for key, *rest in rows]

    def held(self, identifiers: Iterable[str]) -> set[str]:
        """Returns those of the ids that lie in a pack known so far; one query per 500."""
        wanted = [bytes.fromhex(identifier) for identifier in identifiers]
        found: set[str] = set()
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            marks = ",".join("?" * len(part))
            question = f"SELECT id FROM member WHERE drawer = ? AND id IN ({marks})"  # noqa: S608
            rows = self._file.work(
                lambda connection, question=question, part=part: connection.execute(  # type: ignore[misc]
                    question, (self._drawer, *part)
                ).fetchall()
            )
            found.update(identifier.hex() for (identifier,) in rows)
        return found

    def starting_with(self, prefix: str, limit: int) -> list[str]:
        """Returns at most `limit` ids that start with these hex digits."""
        low = bytes.fromhex(prefix.ljust(64, "0"))
        high = bytes.fromhex(prefix.ljust(64, "f"))
        rows = self._file.work(
            lambda connection: connection.execute(
                "SELECT DISTINCT id FROM member WHERE drawer = ? AND id BETWEEN ? AND ? LIMIT ?",
                (self._drawer, low, high, limit),
            ).fetchall()
        )
        return [identifier.hex() for (identifier,) in rows]

    def refresh(self, *, once: bool = False) -> None:
        """Returns when the index knows exactly the packs that exist; `once` in this process."""
        if once and self._fresh:
            return
        there = {key for key in self._backend.keys(self._drawer) if key.endswith(SUFFIX)}
        known = self._file.work(self._known)
        new = {key: self._readable(key) for key in sorted(there - known.keys())}
        gone = [number for key, number in known.items() if key not in there]
        if new or gone:
            self._file.write(lambda connection: self._replace(connection, gone, new))
        self._fresh = True

    def add(self, key: str, members: Iterable[Member]) -> None:
        """Returns when the index knows a pack that was just written."""
        listed = list(members)
        self._file.write(lambda connection: self._replace(connection, [], {key: listed}))

    def _known(self, connection: sqlite3.Connection) -> dict[str, int]:
        rows = connection.execute(
            "SELECT key, number FROM pack WHERE key GLOB ?", (self._drawer + "*",)
        )
        return dict(rows.fetchall())

    def _readable(self, key: str) -> list[Member]:
        try:
            return read_directory(self._backend, key)
        except (Corrupt, NotFound):
            return []  # `check` names it; a damaged pack must not hide the others

    def _replace(
        self, connection: sqlite3.Connection, gone: list[int], new: dict[str, list[Member]]
    ) -> None:
        for number in gone:
            connection.execute("DELETE FROM member WHERE pack = ?", (number,))
            connection.execute("DELETE FROM pack WHERE number = ?", (number,))
        for key, members in new.items():
            connection.execute("INSERT OR IGNORE INTO pack (key) VALUES (?)", (key,))
            (number,) = connection.execute(
                "SELECT number FROM pack WHERE key = ?", (key,)
            ).fetchone()
            connection.executemany(
                "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(self._drawer, bytes.fromhex(m.id), number, *m[1:]) for m in members],
            )
