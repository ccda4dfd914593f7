"""The journal: what happened, one file per entry, each naming the one before it.

    journal/00000001.json             the entry's canonical bytes
    journal/00000001-00000256.jsonl   256 entries, one per line, in place of their files

An entry exists from the moment its key is created, which can happen once; that is the only point
at which a command has happened. Bundles are written before the files they replace are deleted,
and count before them; so a reader that finds neither has met a gap in between and looks again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from sestina.errors import Conflict, Corrupt, NotFound, Unavailable
from sestina.kernel import when
from sestina.kernel.ids import record_id
from sestina.records.entry import Entry
from sestina.store.backend import Backend

BUNDLE = 256
FOLDER = "journal/"


class Head(NamedTuple):
    """The last entry: its number, id and time. An empty journal has number 0."""

    seq: int
    id: str | None
    at: str


EMPTY = Head(0, None, "")


def entry_key(seq: int) -> str:
    """Returns the key of a single entry."""
    return f"{FOLDER}{seq:08d}.json"


def bundle_key(seq: int) -> str:
    """Returns the key of the bundle that would hold the entry."""
    first = (seq - 1) // BUNDLE * BUNDLE + 1
    return f"{FOLDER}{first:08d}-{first + BUNDLE - 1:08d}.jsonl"


class Journal:
    """Reads entries by number and appends the next one."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._bundle: tuple[str, list[bytes]] = ("", [])

    def raw(self, seq: int) -> bytes | None:
        """Returns the canonical bytes of an entry, None where the journal ends before it.

        The bundle is asked after the file: a file vanishes only once its bundle is there.
        """
        key = bundle_key(seq)
        if self._bundle[0] == key:
            return self._line(seq)
        single: bytes | None = None
        with contextlib.suppress(NotFound):
            single = self._backend.get(entry_key(seq))
        if self._backend.size(key) is None:
            return single
        self._bundle = (key, self._backend.get(key).splitlines())
        return self._line(seq)

    def entry(self, seq: int) -> Entry:
        """Returns an entry; raises NotFound or Corrupt."""
        found = self.read(seq)
        if found is None:
            raise NotFound("not-found/entry", f"the journal has no entry {seq}")
        return found[1]

    def read(self, seq: int) -> tuple[str, Entry] | None:
        """Returns id and entry, None where the journal ends before it; raises Corrupt."""
        data = self.raw(seq)
        return None if data is None else (record_id(data), _decoded(seq, data))

    def after(self, seq: int) -> Iterator[tuple[str, Entry]]:
        """Yields id and entry of all entries after `seq`, in order; raises Corrupt."""
        while (found := self.read(seq + 1)) is not None:
            seq += 1
            yield found

    def append(self, entry: Entry) -> str:
        """Returns the id of the entry, now durable; raises Conflict where its number is taken."""
        from sestina.records import codec

        data = codec.encode(entry)
        key = entry_key(entry.seq)
        try:
            self._backend.put(key, data)
        except Conflict:
            if self.raw(entry.seq) != data:  # else our own write, whose answer was lost
                raise
        if self.raw(entry.seq) != data:
            # A writer that slept while others bundled this number finds its file's name free.
            self._backend.delete(key)
            raise Conflict("conflict/entry", f"entry {entry.seq} of the journal is taken")
        if entry.seq % BUNDLE == 0:
            with contextlib.suppress(Unavailable):
                self._bundle_up_to(entry.seq - BUNDLE)
        return record_id(data)

    def stored_keys(self) -> list[str]:
        """Returns all keys of the journal, for those who check it."""
        return self._backend.keys(FOLDER)

    def _line(self, seq: int) -> bytes:
        lines = self._bundle[1]
        place = (seq - 1) % BUNDLE
        if place >= len(lines):
            raise Corrupt("corrupt/journal", f"'{self._bundle[0]}' is cut short")
        return lines[place]

    def _bundle_up_to(self, last: int) -> None:
        """The newest 256 stay single, so that only a writer 256 entries late meets a bundle."""
        singles = {key for key in self.stored_keys() if key.endswith(".json")}
        for first in range(1, last + 1, BUNDLE):
            numbers = range(first, first + BUNDLE)
            present = [seq for seq in numbers if entry_key(seq) in singles]
            if not present:
                continue
            if self._backend.size(bundle_key(first)) is None:
                lines = [self._backend.get(entry_key(seq)) + b"\n" for seq in numbers]
                with contextlib.suppress(Conflict):
                    self._backend.put(bundle_key(first), b"".join(lines))
            for seq in present:
                self._backend.delete(entry_key(seq))


def _decoded(seq: int, data: bytes) -> Entry:
    from sestina.records import codec

    entry = codec.decode(data, Entry)
    if entry.seq != seq:
        raise Corrupt("corrupt/journal", f"entry {seq} of the journal says it is {entry.seq}")
    if not (when.is_canonical(entry.at) and when.is_canonical(entry.clock)):
        raise Corrupt("corrupt/journal", f"entry {seq} of the journal has no readable time")
    return entry
