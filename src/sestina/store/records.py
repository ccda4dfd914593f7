"""Records by id: canonical JSON in a drawer of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sestina.errors import Corrupt, NotFound
from sestina.kernel.ids import RecordId, is_id, record_id, short
from sestina.store.backend import Backend
from sestina.store.drawer import Drawer
from sestina.store.sqlitefile import SqliteFile

T = TypeVar("T")

_REMEMBERED = 4096


class Records:
    """Adds, gets and finds records. What was added is durable after the next commit."""

    def __init__(
        self,
        backend: Backend,
        index: SqliteFile,
        scratch: Path,
        *,
        before_write: Callable[[], None],
    ) -> None:
        self._before_write = before_write
        self.drawer = Drawer(backend, index, "records/", scratch)
        self._remembered: dict[tuple[str, type], Any] = {}

    def add(self, record: Any) -> RecordId:
        """Returns the id of `record`, which is kept once; raises ValueError for a float in it."""
        from sestina.records import codec

        data = codec.encode(record)
        identifier = record_id(data)
        if not self.drawer.has(identifier):
            self._before_write()
            self.drawer.add(identifier, data)
        return identifier

    def get(self, identifier: str, cls: type[T]) -> T:
        """Returns the record; raises Corrupt, or Unsupported for a later version."""
        held = self._remembered.get((identifier, cls))
        if held is None:
            from sestina.records import codec

            held = codec.decode(self.read(identifier), cls)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[identifier, cls] = held
        return held

    def get_any(self, identifier: str) -> Any:
        """Returns the record of whichever kind it says it is."""
        from sestina.records import codec

        return codec.decode_any(self.read(identifier))

    def read(self, identifier: str) -> bytes:
        """Returns the verified canonical bytes of a record."""
        data = self.drawer.read(identifier)
        if data is None:
            if not is_id(identifier):  # a damaged or hostile record may hold any text
                raise NotFound("not-found/record", "what was asked for is no id of a record")
            raise Corrupt(
                "corrupt/missing-record",
                f"this repo has lost record {short(identifier)}",
                why="something that is here points to it",
                hint="sestina check",
            )
        return data

    def has(self, identifier: str) -> bool:
        """Returns whether the record is here or pending."""
        return self.drawer.has(identifier)

    def find_prefix(self, prefix: str, limit: int = 20) -> list[RecordId]:
        """Returns the ids that start with these hex digits, sorted, at most about `limit`."""
        return [RecordId(found) for found in self.drawer.starting_with(prefix, limit)]
