"""From journal and records to rows: what following and rebuilding have in common."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from sestina.errors import SestinaError
from sestina.kernel.ids import is_id, short
from sestina.records.entry import Effect, Entry
from sestina.store.journal import EMPTY, Head
from sestina.store.records import Records

SCHEMA = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, at TEXT NOT NULL, actor TEXT, verb TEXT, reason TEXT
);
CREATE INDEX entry_at ON entry (at);
CREATE TABLE effect (
    seq INTEGER, place INTEGER, kind TEXT, name TEXT, number INTEGER, record TEXT,
    PRIMARY KEY (seq, place)
) WITHOUT ROWID;
CREATE INDEX effect_name ON effect (kind, name, number, seq, place);
CREATE INDEX effect_record ON effect (record, kind);
CREATE TABLE run (
    id TEXT PRIMARY KEY, seq INTEGER, place INTEGER, recipe TEXT, outputs TEXT, facts TEXT,
    grade TEXT, exit INTEGER, began TEXT, ended TEXT, actor TEXT
) WITHOUT ROWID;
CREATE INDEX run_seq ON run (seq, place);
CREATE INDEX run_recipe ON run (recipe);
CREATE TABLE metric (
    run TEXT, place INTEGER, name TEXT, value TEXT, source TEXT, PRIMARY KEY (run, place)
) WITHOUT ROWID;
CREATE TABLE ingredient (
    run TEXT, name TEXT, record TEXT, custody TEXT, PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE INDEX ingredient_record ON ingredient (record);
CREATE TABLE version (
    seq INTEGER, place INTEGER, run TEXT, PRIMARY KEY (seq, place)
) WITHOUT ROWID;
CREATE INDEX version_run ON version (run);
CREATE TABLE note (seq INTEGER, place INTEGER, about TEXT, PRIMARY KEY (seq, place)) WITHOUT ROWID;
CREATE INDEX note_about ON note (about);
CREATE TABLE held (record TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE holding (
    record TEXT, path TEXT, blob BLOB, PRIMARY KEY (record, path, blob)
) WITHOUT ROWID;
CREATE INDEX holding_blob ON holding (blob);
"""
TABLES = (
    "entry", "effect", "run", "metric", "ingredient", "version", "note", "held", "holding",
)  # fmt: skip
"""The last two are filled when lineage first asks for them; the others follow the journal."""


def head(connection: sqlite3.Connection) -> Head:
    """Returns the last entry that is indexed."""
    row = connection.execute("SELECT seq, id, at FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else EMPTY


def forget(connection: sqlite3.Connection) -> None:
    """Returns when all tables are empty."""
    connection.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    connection.execute("COMMIT")


def add_entry(
    connection: sqlite3.Connection, records: Records, identifier: str, entry: Entry
) -> None:
    """Returns when the rows of one entry are there."""
    connection.execute(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
        (entry.seq, identifier, entry.at, entry.actor, entry.verb, entry.reason),
    )
    for place, effect in enumerate(entry.effects):
        connection.execute(
            "INSERT INTO effect VALUES (?, ?, ?, ?, ?, ?)",
            (entry.seq, place, effect.kind, effect.name, effect.number, effect.record),
        )
        if effect.record is not None:
            _add_effect(connection, records, (entry.seq, place), effect, effect.record)


def _add_effect(
    connection: sqlite3.Connection,
    records: Records,
    where: tuple[int, int],
    effect: Effect,
    record: str,
) -> None:
    if effect.kind == "run":
        _add_run(connection, records, where, record)
    elif effect.kind == "version":
        version = _readable(records, record)
        connection.execute(
            "INSERT INTO version VALUES (?, ?, ?)", (*where, getattr(version, "run", None))
        )
    elif effect.kind == "note":
        note = _readable(records, record)
        connection.execute(
            "INSERT INTO note VALUES (?, ?, ?)", (*where, getattr(note, "about", None))
        )


def _add_run(
    connection: sqlite3.Connection, records: Records, where: tuple[int, int], record: str
) -> None:
    from sestina.records.ingredient import NAMES

    members = ("recipe", "outputs", "facts", "grade", "exit", "began", "ended", "actor")
    run = _readable(records, record)
    values = [getattr(run, member, None) for member in members]
    new = connection.execute(
        "INSERT OR IGNORE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (record, *where, *values),
    )
    if run is None or new.rowcount == 0:
        return
    connection.executemany(
        "INSERT INTO metric VALUES (?, ?, ?, ?, ?)",
        [(record, place, m.name, m.value, m.source) for place, m in enumerate(run.metrics)],
    )
    recipe = _readable(records, run.recipe)
    owned = [(record, "outputs", run.outputs, "captured")]
    if recipe is not None:
        refs = [(name, getattr(recipe, name)) for name in NAMES]
        owned += [(record, name, ref.record, ref.custody) for name, ref in refs]
    connection.executemany("INSERT INTO ingredient VALUES (?, ?, ?, ?)", owned)


def _readable(records: Records, identifier: str) -> Any:
    """Returns the record, None where it is damaged: `check` names it, the index goes on."""
    try:
        return records.get_any(identifier)
    except SestinaError:
        return None


def fill_holdings(connection: sqlite3.Connection, records: Records) -> None:
    """Returns when the blobs of every ingredient and output tree of every run are listed."""
    rows = connection.execute(
        "SELECT DISTINCT record FROM ingredient WHERE record NOT IN (SELECT record FROM held)"
    ).fetchall()
    for (record,) in rows:
        connection.executemany(
            "INSERT OR IGNORE INTO holding VALUES (?, ?, ?)",
            [
                (record, path, bytes.fromhex(blob))
                for path, blob in _holdings(records, record)
                if is_id(blob)
            ],
        )
        connection.execute("INSERT INTO held VALUES (?)", (record,))


def _holdings(records: Records, identifier: str) -> Iterator[tuple[str, str]]:
    """Yields (logical path, blob) of everything an ingredient record or top tree holds."""
    record = _readable(records, identifier)
    if record is None:
        return
    if record.KIND == "tree":
        yield from _leaves(records, record)
        return
    for member in ("libraries", "programs"):
        yield from ((lib.path, lib.id) for lib in getattr(record, member, ()) if lib.id)
    yield from ((span.file, span.blob) for span in getattr(record, "spans", ()) if span.blob)
    if hasattr(record, "files"):
        yield from _holdings(records, record.files)


def _leaves(records: Records, tree: Any) -> Iterator[tuple[str, str]]:
    waiting = [(tree, "")]
    while waiting:
        folder, above = waiting.pop()
        for entry in folder.entries:
            if entry.mode in ("tree", "part"):
                inner = _readable(records, entry.id)
                # the first name is a root: `project:` and then the path below it
                step = "" if entry.mode == "part" else entry.name + ("/" if above else ":")
                if inner is not None:
                    waiting.append((inner, above + step))
            else:
                yield above + entry.name, entry.id


def version_name(model: str, number: int) -> str:
    """Returns the canonical name of a version."""
    return f"{model}:{number}"


def run_name(identifier: str) -> str:
    """Returns the canonical name of a run."""
    return f"run/{short(identifier)}"
