"""A SQLite file that may be lost at any time: damaged, locked or unwritable, it stops no verb."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_WAIT_SECONDS = 5
_PARTS = ("", "-wal", "-shm", "-journal")


class SqliteFile:
    """One connection, opened on first use.

    `path` None means memory. Whoever uses it must be able to fill it again: after any error of
    SQLite the file is thrown away once, `fill` is called, and the work is done again; where even
    that fails, in memory. `hints` tell people what happened.
    """

    def __init__(
        self, path: Path | None, schema: str, fill: Callable[[sqlite3.Connection], None]
    ) -> None:
        self._path = path
        self._schema = schema
        self._fill = fill
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self.hints: list[str] = []

    def work(self, task: Callable[[sqlite3.Connection], T]) -> T:
        """Returns what `task` makes of the connection."""
        with self._lock:  # a connection that two threads use at once can crash the interpreter
            return self._work(task)

    def _work(self, task: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return task(self._open())
        except sqlite3.Error as error:
            first = error
        for keep_path in (True, False):
            try:
                self._start_again(first, in_memory=not keep_path)
                return task(self._open())
            except (sqlite3.Error, OSError):
                continue
        raise first

    def write(self, task: Callable[[sqlite3.Connection], T]) -> T:
        """Returns what `task` makes of the connection, in one transaction."""

        def transaction(connection: sqlite3.Connection) -> T:
            if connection.in_transaction:
                return task(connection)
            connection.execute("BEGIN IMMEDIATE")
            try:
                made = task(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            return made

        return self.work(transaction)

    def clear(self) -> None:
        """Returns when the file is empty and filled anew."""
        self._drop()
        self.work(lambda connection: None)

    def close(self) -> None:
        """Returns when the connection is closed."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
            self._fill(self._connection)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:"
        if self._path is not None:
            try:
                os.makedirs(self._path.parent, mode=0o700, exist_ok=True)
                name = os.fspath(self._path)
            except OSError as error:
                self._give_up_on_the_file(error)
        try:
            connection = sqlite3.connect(
                name, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            self._lay_out(connection)
        except sqlite3.OperationalError as error:
            if self._path is None:
                raise
            self._give_up_on_the_file(error)
            return self._connect()
        return connection

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        """The schema's own text is its version: another one means another program wrote it."""
        stamp = zlib.crc32(self._schema.encode()) >> 1
        if _stamp(connection) == stamp:
            return
        connection.execute("BEGIN IMMEDIATE")
        if _stamp(connection) != stamp:  # another process may have been first
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                connection.execute(f'DROP TABLE "{table}"')
            for statement in self._schema.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {stamp}")
        connection.execute("COMMIT")

    def _start_again(self, error: sqlite3.Error, *, in_memory: bool) -> None:
        if in_memory or "locked" in str(error):
            self._give_up_on_the_file(error)
            self.close()
        else:
            self._drop()

    def _drop(self) -> None:
        self.close()
        if self._path is not None:
            for part in _PARTS:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(f"{self._path}{part}")

    def _give_up_on_the_file(self, error: Exception) -> None:
        if self._path is not None:
            self.hints.append(f"the index {self._path} is not used ({error}); working from memory")
        self._path = None


def _write_ahead(connection: sqlite3.Connection) -> None:
    """SQLite itself does not wait where two processes switch a new file over at once."""
    last = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            if mode not in ("wal", "memory"):
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > last:
                raise
        time.sleep(0.01)


def _stamp(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)
