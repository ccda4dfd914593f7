"""The journal: every entry once, in order, chained; whoever is late starts again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sestina.errors import Conflict, Corrupt, NotFound
from sestina.kernel import when
from sestina.kernel.ids import record_id
from sestina.records import codec
from sestina.records.entry import Entry
from sestina.store.backends.memory import MemoryBackend
from sestina.store.journal import BUNDLE, Journal, bundle_key, entry_key


def entry(seq: int, prev: str | None, *, verb: str = "test") -> Entry:
    at = when.from_ns(seq * 1_000_000)
    return Entry(
        seq=seq, prev=prev, at=at, clock=at, actor="ada", verb=verb, effects=(),
        expect=None, reason=None, evidence=(), origin=None,
    )  # fmt: skip


def fill(journal: Journal, count: int, *, after: int = 0, prev: str | None = None) -> list[str]:
    ids = []
    for seq in range(after + 1, after + count + 1):
        prev = journal.append(entry(seq, prev))
        ids.append(prev)
    return ids


def test_entries_are_read_in_order_and_name_the_one_before() -> None:
    journal = Journal(MemoryBackend())
    ids = fill(journal, 5)
    read = list(journal.after(0))
    assert [identifier for identifier, _ in read] == ids
    assert [e.prev for _, e in read] == [None, *ids[:-1]]
    assert [e.seq for _, e in journal.after(3)] == [4, 5]
    assert journal.entry(2) == read[1][1]
    with pytest.raises(NotFound):
        journal.entry(6)


def test_a_number_is_given_once() -> None:
    journal = Journal(MemoryBackend())
    fill(journal, 1)
    with pytest.raises(Conflict):
        journal.append(entry(1, None, verb="another"))
    assert journal.entry(1).verb == "test"


def test_a_write_whose_answer_was_lost_is_not_done_twice() -> None:
    journal = Journal(MemoryBackend())
    fill(journal, 1)
    assert journal.append(entry(1, None)) == codec.identify(entry(1, None))
    assert journal.stored_keys() == [entry_key(1)]


def test_256_entries_become_one_file_and_read_the_same() -> None:
    backend = MemoryBackend()
    journal = Journal(backend)
    ids = fill(journal, 2 * BUNDLE + 3)
    keys = journal.stored_keys()
    assert bundle_key(1) in keys
    assert len(keys) == 1 + BUNDLE + 3
    assert entry_key(BUNDLE) not in keys
    for reader in (journal, Journal(backend)):
        assert [identifier for identifier, _ in reader.after(0)] == ids
        assert record_id(reader.raw(7) or b"") == ids[6]


def test_a_writer_that_slept_through_a_bundling_is_told_and_leaves_nothing() -> None:
    backend = MemoryBackend()
    journal = Journal(backend)
    ids = fill(journal, 2 * BUNDLE)
    late = Journal(backend)
    with pytest.raises(Conflict):
        late.append(entry(9, ids[7], verb="late"))
    assert entry_key(9) not in journal.stored_keys()
    assert [identifier for identifier, _ in Journal(backend).after(0)] == ids


def test_a_reader_sees_the_same_at_every_step_of_a_bundling() -> None:
    """Between any two operations of the bundler, a reader that starts afresh reads all entries."""
    seen: list[int] = []

    class Watched(MemoryBackend):
        watching = False
        steps = 0

        def put(self, key: str, source: object) -> None:
            super().put(key, source)  # type: ignore[arg-type]
            self.look()

        def delete(self, key: str) -> None:
            super().delete(key)
            self.look()

        def look(self) -> None:
            self.steps += self.watching
            if self.watching and (self.steps < 6 or self.steps % 50 == 0):
                self.watching = False
                seen.append(sum(1 for _ in Journal(self).after(0)))
                self.watching = True

    backend = Watched()
    ids = fill(Journal(backend), 2 * BUNDLE - 1)
    backend.watching = True
    fill(Journal(backend), 1, after=2 * BUNDLE - 1, prev=ids[-1])
    assert len(seen) >= 10
    assert set(seen) == {2 * BUNDLE}


def test_a_reader_between_its_two_looks_meets_a_bundling() -> None:
    """The file is gone when it is asked for, and the bundle is there when it is asked for."""

    class Moving(MemoryBackend):
        act: Callable[[], None] | None = None

        def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
            act, self.act = self.act, None
            if act is not None:
                act()
            return super().get(key, start, length)

    backend = Moving()
    ids = fill(Journal(backend), 2 * BUNDLE - 1)
    reader = Journal(backend)
    backend.act = lambda: (
        fill(Journal(backend), 1, after=2 * BUNDLE - 1, prev=ids[-1]),
        None,
    )[1]
    assert record_id(reader.raw(3) or b"") == ids[2]


def test_a_bundle_that_is_cut_short_is_corrupt() -> None:
    backend = MemoryBackend()
    fill(Journal(backend), 2 * BUNDLE)
    lines = backend.get(bundle_key(1)).splitlines(keepends=True)
    backend.delete(bundle_key(1))
    backend.put(bundle_key(1), b"".join(lines[:100]))
    with pytest.raises(Corrupt, match="cut short"):
        Journal(backend).raw(200)


def test_an_entry_under_another_number_is_corrupt() -> None:
    backend = MemoryBackend()
    backend.put(entry_key(1), codec.encode(entry(2, None)))
    with pytest.raises(Corrupt, match="says it is 2"):
        list(Journal(backend).after(0))
