"""The journal: every entry there, the chain whole, time and numbers in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sestina.errors import SestinaError
from sestina.kernel import when
from sestina.kernel.ids import short
from sestina.records.entry import Entry
from sestina.records.verdict import Finding
from sestina.store.catalog.fold import run_name, version_name
from sestina.store.journal import Journal, entry_key

_SINGLE = re.compile(r"journal/(\d{8,})\.json")
_BUNDLE = re.compile(r"journal/(\d{8,})-(\d{8,})\.jsonl")
_JUMP_SECONDS = 60


class History(NamedTuple):
    """What the journal says, read without any index.

    `roots` are the records that effects set, each with the names of runs and versions they are.
    """

    entries: int
    roots: dict[str, tuple[str, ...]]
    purged: dict[str, str]
    findings: list[Finding]


def read(journal: Journal) -> History:
    """Returns the history, with a finding for whatever does not hold."""
    history = History(_last(journal), {}, {}, [])
    before: tuple[str, Entry] | None = None
    numbers: dict[str, int] = {}
    for seq in range(1, history.entries + 1):
        read_entry = _entry(journal, seq, history.findings)
        if read_entry is not None:
            identifier, entry = read_entry
            history.findings.extend(_against(before, seq, entry))
            history.findings.extend(_numbers(numbers, entry))
            _collect(entry, history)
            before = identifier, entry
        else:
            before = None
    return history


def _last(journal: Journal) -> int:
    last = 0
    for key in journal.stored_keys():
        single, bundle = _SINGLE.fullmatch(key), _BUNDLE.fullmatch(key)
        if single or bundle:
            last = max(last, int((single or bundle)[(bundle and 2) or 1]))  # type: ignore[index]
    return last


def _entry(journal: Journal, seq: int, findings: list[Finding]) -> tuple[str, Entry] | None:
    try:
        found = journal.read(seq)
    except SestinaError as error:
        findings.append(_fail(seq, "corrupt/journal", f"entry {seq}: {error.why or error.what}"))
        return None
    if found is None:
        findings.append(_fail(seq, "corrupt/journal-gap", f"entry {seq} is missing"))
    return found


def _against(before: tuple[str, Entry] | None, seq: int, entry: Entry) -> Iterator[Finding]:
    if before is None and (seq > 1 or entry.prev is None):
        return
    identifier = before[0] if before else None
    if entry.prev != identifier:
        yield _fail(seq, "corrupt/journal-chain", f"entry {seq} does not name the one before it")
    if before and entry.at <= before[1].at:
        yield _fail(seq, "corrupt/journal-time", f"entry {seq} is not later than the one before it")
    if when.seconds_between(entry.clock, entry.at) > _JUMP_SECONDS:
        yield Finding(
            outcome="warn",
            code="journal/clock",
            what=f"the clock had gone back to {entry.clock} when entry {seq} was made",
            place=entry_key(seq),
        )


def _numbers(numbers: dict[str, int], entry: Entry) -> Iterator[Finding]:
    for effect in entry.effects:
        if effect.kind == "version" and effect.number is not None and effect.record is not None:
            expected = numbers.get(effect.name, 0) + 1
            numbers[effect.name] = max(effect.number, expected - 1)
            if effect.number != expected:
                name = version_name(effect.name, effect.number)
                what = f"entry {entry.seq} makes {name} where {expected} was next"
                yield _fail(entry.seq, "corrupt/journal-number", what)


def _collect(entry: Entry, history: History) -> None:
    for effect in entry.effects:
        if effect.kind == "purge":
            history.purged[effect.name] = entry.reason or ""
        elif effect.record is not None:
            name = f"{effect.kind} {effect.name}".strip()
            if effect.kind == "run":
                name = run_name(effect.record)
            elif effect.kind == "version" and effect.number is not None:
                name = version_name(effect.name, effect.number)
            elif effect.kind == "note":
                name = f"note {short(effect.record)}"
            elif effect.kind == "tag":
                name = f"tag/{effect.name}"
            elif effect.kind == "name":
                name = effect.name
            _add(history.roots, effect.record, name)
    for record in entry.evidence:
        _add(history.roots, record, f"evidence of entry {entry.seq}")


def _add(roots: dict[str, tuple[str, ...]], record: str, name: str) -> None:
    if name not in roots.get(record, ()):
        roots[record] = (*roots.get(record, ()), name)


def _fail(seq: int, code: str, what: str) -> Finding:
    return Finding(
        outcome="fail",
        code=code,
        what=what,
        place=entry_key(seq),
        hint="bring journal/ back from a copy of the repo",
    )
