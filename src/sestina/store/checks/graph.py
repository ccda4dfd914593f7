"""The links between records and blobs: everything that a name reaches must be there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sestina.kernel.ids import short
from sestina.records.ingredient import NAMES
from sestina.records.verdict import Finding


class Links(NamedTuple):
    """What a record points to. `elsewhere` are blobs that it says this repo does not hold."""

    records: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def links_of(record: Any) -> Links:
    """Returns what a record of any kind points to.

    Libraries, programs and interpreters of an env record are identified and not kept, so they are
    no links; a span without a blob is withheld.
    """
    kind = record.KIND
    if kind == "tree":
        inner = tuple(e.id for e in record.entries if e.mode in ("tree", "part"))
        return Links(inner, tuple(e.id for e in record.entries if e.mode not in ("tree", "part")))
    if kind == "recipe":
        return Links(tuple(getattr(record, name).record for name in NAMES))
    if kind == "run":
        return Links((record.recipe, record.outputs, record.facts))
    if kind == "facts":
        return Links((), (record.files,), tuple(ref.id for ref in record.referenced))
    if kind == "version":
        return Links((record.files, *([record.run] if record.run else ())))
    if kind == "note":
        return Links((record.about,))
    spans = [*getattr(record, "spans", ())]
    for distribution in getattr(record, "distributions", ()):
        spans += distribution.changed
    files = (record.files,) if hasattr(record, "files") else ()
    return Links(files, tuple(span.blob for span in spans if span.blob))


class Graph:
    """All links of a repo, the ids that are whole, and the blobs that were purged."""

    def __init__(self, links: dict[str, Links], records: set[str], blobs: set[str]) -> None:
        self._links = links
        self._records = records
        self._blobs = blobs

    def missing(self, root: str) -> tuple[set[str], set[str]]:
        """Returns the records and the blobs that `root` reaches and that are not here."""
        records, blobs, elsewhere = self._reach([root])
        # a note may be about a blob, and its id does not say so
        return records - self._records - self._blobs, blobs - self._blobs - elsewhere

    def unreached(self, roots: Iterable[str]) -> tuple[set[str], set[str]]:
        """Returns the records and blobs that are here and that nothing reaches."""
        records, blobs, _ = self._reach(roots)
        return self._records - records, self._blobs - blobs - records

    def all_missing(self, roots: Iterable[str]) -> bool:
        """Returns whether any root could miss anything: one walk, before one per root."""
        records, blobs, _ = self._reach(roots)
        return bool(records - self._records or blobs - self._blobs)

    def _reach(self, roots: Iterable[str]) -> tuple[set[str], set[str], set[str]]:
        records: set[str] = set()
        blobs: set[str] = set()
        elsewhere: set[str] = set()
        waiting = list(roots)
        while waiting:
            identifier = waiting.pop()
            if identifier in records:
                continue
            records.add(identifier)
            links = self._links.get(identifier)
            if links is not None:
                waiting.extend(links.records)
                blobs.update(links.blobs)
                elsewhere.update(links.elsewhere)
        return records, blobs, elsewhere


def check_links(
    graph: Graph, roots: dict[str, tuple[str, ...]], purged: dict[str, str]
) -> list[Finding]:
    """Returns a finding for every id that is missing, with the names of the roots it hits."""
    hits: dict[tuple[str, str], set[str]] = {}
    if graph.all_missing(roots):
        for root, names in roots.items():
            for kind, missing in zip(("record", "blob"), graph.missing(root), strict=True):
                for identifier in missing:
                    hits.setdefault((kind, identifier), set()).update(names)
    return [_finding(*what, purged, tuple(sorted(names))) for what, names in hits.items()]


def _finding(kind: str, identifier: str, purged: dict[str, str], names: tuple[str, ...]) -> Finding:
    if identifier in purged:
        return Finding(
            outcome="pass",
            code="purged/blob",
            what=f"blob {short(identifier)} was removed for good: {purged[identifier]}",
            place=identifier,
            hits=names,
        )
    return Finding(
        outcome="fail",
        code="corrupt/missing-blob" if kind == "blob" else "corrupt/missing-record",
        what=f"{kind} {short(identifier)} is missing or damaged",
        place=identifier,
        hits=names,
        hint="bring packs/, blobs/ and records/ back from a copy of the repo",
    )
