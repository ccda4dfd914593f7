"""The catalog in SQLite, in the user's cache folder: it may vanish at any time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sestina.errors import SestinaError
from sestina.kernel.ids import is_id, record_id
from sestina.records.entry import EffectKind
from sestina.store.catalog import fold
from sestina.store.catalog.catalog import RunRow, Use, VersionRow
from sestina.store.journal import EMPTY, Head, Journal
from sestina.store.records import Records
from sestina.store.sqlitefile import SqliteFile

T = TypeVar("T")

_EVER = 2**62
_LAST = "ORDER BY seq DESC, place DESC LIMIT 1"


class SqliteCatalog:
    """Tables that follow the journal. `until` is the last entry that counts, None for all."""

    def __init__(self, folder: Path | None, journal: Journal, records: Records) -> None:
        self._journal = journal
        self._records = records
        self._checked = False
        path = None if folder is None else folder / "catalog.sqlite"
        self._file = SqliteFile(path, fold.SCHEMA, self._catch_up)
        self.hints = self._file.hints
        self.until: int | None = None

    def follow(self) -> Head:
        self._file.work(self._catch_up)
        return self._file.work(fold.head)

    def rebuild(self) -> None:
        self._checked = False
        self._file.clear()

    def as_of(self, time: str) -> SqliteCatalog:
        (seq,) = self._one("SELECT coalesce(max(seq), 0) FROM entry WHERE at <= ?", time)
        view: SqliteCatalog = object.__new__(SqliteCatalog)
        view.__dict__.update(self.__dict__)
        view.until = seq if self.until is None else min(seq, self.until)
        return view

    def last(self, kind: EffectKind, name: str) -> str | None:
        question = f"SELECT record FROM effect WHERE kind = ? AND name = ? AND seq <= ? {_LAST}"  # noqa: S608
        row = self._one(question, kind, name, self._limit)
        return None if row is None else row[0]

    def all_last(self, kind: EffectKind) -> list[tuple[str, str]]:
        names = self._all(
            "SELECT DISTINCT name FROM effect WHERE kind = ? AND seq <= ?", kind, self._limit
        )
        found = [(name, self.last(kind, name)) for (name,) in sorted(names)]
        return [(name, record) for name, record in found if record is not None]

    def versions(self, model: str | None = None) -> list[VersionRow]:
        rows = self._all(
            "SELECT name, number, record, effect.seq, entry.at, version.run FROM effect"
            " JOIN entry USING (seq) LEFT JOIN version USING (seq, place)"
            " WHERE kind = 'version' AND (? IS NULL OR name = ?) AND seq <= ?"
            " ORDER BY name, number, seq, effect.place",
            model,
            model,
            self._limit,
        )
        last = {(name, number): VersionRow(name, number, *rest) for name, number, *rest in rows}
        return [row for row in last.values() if row.id is not None]

    def version_of(self, record: str) -> VersionRow | None:
        row = self._one(
            "SELECT name, number, record, effect.seq, entry.at, version.run FROM effect"
            " JOIN entry USING (seq) LEFT JOIN version USING (seq, place)"
            " WHERE kind = 'version' AND record = ? AND seq <= ?"
            " ORDER BY seq DESC, effect.place DESC",
            record,
            self._limit,
        )
        return None if row is None else VersionRow(*row)

    def next_number(self, model: str) -> int:
        (highest,) = self._one(
            "SELECT max(number) FROM effect WHERE kind = 'version' AND name = ?", model
        )
        return (highest or 0) + 1

    def runs(self, *, limit: int | None = None) -> list[RunRow]:
        return self._runs(
            "1 ORDER BY run.seq DESC, run.place DESC LIMIT ?", -1 if limit is None else limit
        )

    def run(self, identifier: str) -> RunRow | None:
        rows = self._runs("run.id = ?", identifier)
        return rows[0] if rows else None

    def starting_with(self, column: str, prefix: str) -> list[str]:
        asked = {"run": "id", "recipe": "recipe"}[column]
        rows = self._all(
            f"SELECT DISTINCT {asked} FROM run"  # noqa: S608
            f" WHERE {asked} BETWEEN ? AND ? AND seq <= ? ORDER BY {asked}",
            prefix,
            prefix + "g",
            self._limit,
        )
        return [identifier for (identifier,) in rows]

    def metrics(self, run: str) -> list[tuple[str, str, str]]:
        return self._all("SELECT name, value, source FROM metric WHERE run = ? ORDER BY place", run)

    def notes(self, about: str) -> list[tuple[str, str, str]]:
        return self._all(
            "SELECT entry.at, entry.actor, effect.record FROM note"
            " JOIN effect USING (seq, place) JOIN entry USING (seq)"
            " WHERE about = ? AND seq <= ? ORDER BY seq, note.place",
            about,
            self._limit,
        )

    def purged(self) -> dict[str, str]:
        rows = self._all(
            "SELECT name, reason FROM effect JOIN entry USING (seq)"
            " WHERE kind = 'purge' AND seq <= ? ORDER BY seq",
            self._limit,
        )
        return {blob: reason or "" for blob, reason in rows}

    def producers(self, blob: str, path: str | None = None) -> list[Use]:
        return self._uses(blob, path, True)

    def consumers(self, blob: str, path: str | None = None) -> list[Use]:
        return self._uses(blob, path, False)

    def runs_with(self, blob: str) -> list[Use]:
        return self._uses(blob, None, None)

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        self._file.write(lambda connection: fold.fill_holdings(connection, self._records))
        tables = fold.TABLES
        return {name: sorted(self._all(f"SELECT * FROM {name}"), key=repr) for name in tables}  # noqa: S608

    def close(self) -> None:
        self._file.close()

    @property
    def _limit(self) -> int:
        return _EVER if self.until is None else self.until

    def _all(self, question: str, *given: object) -> list[Any]:
        return self._ask(lambda connection: connection.execute(question, given).fetchall())

    def _one(self, question: str, *given: object) -> Any:
        return self._ask(lambda connection: connection.execute(question, given).fetchone())

    def _ask(self, task: Callable[[sqlite3.Connection], T]) -> T:
        if self.until is None:
            self._file.work(self._catch_up)
        return self._file.work(task)

    def _runs(self, which: str, given: object) -> list[RunRow]:
        rows = self._all(f"{_RUN} WHERE run.seq <= ? AND {which}", self._limit, given)
        names: dict[str, str] = {}
        versions: dict[str, list[str]] = {}
        for start in range(0, len(rows), _MANY):
            part = [row[0] for row in rows[start : start + _MANY]]
            marks = ",".join("?" * len(part))
            named = self._all(
                f"{_NAMED} AND record IN ({marks}) ORDER BY seq, place", self._limit, *part
            )
            names.update(named)
            for run, model, number in self._all(
                f"{_MADE} AND run IN ({marks}) ORDER BY name, number", self._limit, *part
            ):
                versions.setdefault(run, []).append(fold.version_name(model, number))
        return [
            RunRow(run, seq, at, names.get(run), tuple(versions.get(run, ())), *rest)
            for run, seq, at, *rest in rows
        ]

    def _uses(self, blob: str, path: str | None, written: bool | None) -> list[Use]:
        if not is_id(blob):
            return []
        self._ask(lambda connection: None)
        self._file.write(lambda connection: fold.fill_holdings(connection, self._records))
        rows = self._all(
            "SELECT run.id, run.seq, ingredient.name, path FROM holding"
            " JOIN ingredient USING (record) JOIN run ON run.id = ingredient.run"
            " WHERE blob = ? AND run.seq <= ?"
            " AND (? IS NULL OR (ingredient.name = 'outputs') = ?)"
            " ORDER BY path IS NOT ?, run.seq DESC, run.place DESC, ingredient.name, path",
            bytes.fromhex(blob),
            self._limit,
            written,
            written,
            path,
        )
        return [Use(run, seq, name, at, blob, at == path) for run, seq, name, at in rows]

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        head = fold.head(connection)
        if not self._checked:
            self._checked = True
            if head.seq and not self._stands(head):
                self.hints.append(
                    f"the journal has another past than entry {head.seq} that was indexed here:"
                    " it was put back from a copy, or cut; the index was made anew"
                )
                fold.forget(connection)
                head = EMPTY
        if self._journal.raw(head.seq + 1) is None:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for identifier, entry in self._journal.after(fold.head(connection).seq):
                fold.add_entry(connection, self._records, identifier, entry)
        except SestinaError as error:
            # What comes after damage in the journal cannot be trusted; what lies before it can.
            self.hints.append(f"the index ends where the journal is damaged: {error.what}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _stands(self, head: Head) -> bool:
        """A repo that was restored from a copy may have another past than the index knows."""
        data = self._journal.raw(head.seq)
        return data is not None and record_id(data) == head.id


_RUN = (
    "SELECT run.id, run.seq, entry.at, recipe, outputs, facts, grade, exit, began, ended, run.actor"
    " FROM run JOIN entry USING (seq)"
)
_NAMED = "SELECT record, name FROM effect WHERE kind = 'name' AND seq <= ?"
_MADE = "SELECT run, name, number FROM version JOIN effect USING (seq, place) WHERE seq <= ?"
_MANY = 500
