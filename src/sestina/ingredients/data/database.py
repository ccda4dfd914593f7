"""SQLite files, read from a copy in memory: the file on disk is never opened as a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from sestina.ingredients.data.shape import Shape
from sestina.ingredients.text import visible

MAX_READ = 64 << 20
_STEPS = 1000
_MAX_CALLS = 200_000
_VERSIONS = slice(18, 20)
"""Where the header says which journal is used (https://sqlite.org/fileformat.html, 1.3): a copy
in memory has no write-ahead log."""


def shape(stream: BinaryIO) -> Shape:
    """Returns the columns of all tables, and how many rows they have together."""
    data = stream.read(MAX_READ + 1)
    if len(data) > MAX_READ:
        return Shape("sqlite", remark="tables not read: the file is too big")
    with opened(data) as database:
        rows = 0
        columns: list[tuple[str, str]] = []
        names = tables(database)
        for table in names:
            quoted = _quoted(table)
            rows += database.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]  # noqa: S608
            columns += [
                (f"{visible(table)}.{visible(column[1])}", visible(column[2]))
                for column in database.execute(f"PRAGMA table_info({quoted})")
            ]
    told = ", ".join(visible(table) for table in names)
    return Shape("sqlite", rows=rows, columns=tuple(columns), remark=f"tables: {told}")


@contextmanager
def opened(data: bytes) -> Iterator[sqlite3.Connection]:
    """Yields a database over a copy of `data`, in which no schema can do anything but be read."""
    copy = bytearray(data)
    copy[_VERSIONS] = b"\x01\x01"
    database = sqlite3.connect(":memory:")
    calls = 0

    def has_had_enough() -> bool:
        nonlocal calls
        calls += 1
        return calls > _MAX_CALLS

    try:
        database.deserialize(bytes(copy))
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        database.set_progress_handler(has_had_enough, _STEPS)
        yield database
    finally:
        database.close()


def tables(database: sqlite3.Connection) -> list[str]:
    """Returns the names of the plain tables, sorted."""
    found = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND upper(sql) NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    )
    return [name for (name,) in found]


def statements(data: bytes) -> Iterator[tuple[object, ...]]:
    """Yields the schema and every row of every plain table, in a fixed order."""
    with opened(data) as database:
        yield from database.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
        )
        for table in tables(database):
            for row in database.execute(f"SELECT * FROM {_quoted(table)}"):  # noqa: S608
                yield (table, *(repr(cell) for cell in row))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
