"""Whether everything this repo holds is what it was: every id recomputed, every link followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.records.answers import Item
from sestina.records.verdict import Finding, Verdict, verdict
from sestina.store.checks import graph, history, stored
from sestina.store.checks.history import History
from sestina.store.checks.stored import Held, Progress

if TYPE_CHECKING:
    from sestina.store.repo import Repo


_LOOKS = 3


def check(repo: Repo, progress: Progress | None = None) -> Verdict:
    """Returns what is wrong with the repo, with the runs and versions that each damage hits.

    Recomputes the id of every blob, record and pack; follows every link from every name; reads the
    journal's chain; compares the catalog with one made anew. `progress` is told packs done and
    packs in all. Reads only, takes no lock, and works on read-only media. Commands may write
    meanwhile: what a purge moved while it was looked for is looked for again.
    """
    for _ in range(_LOOKS):
        before = _keys(repo)
        found = _look(repo, progress)
        if found.outcome != "fail" or _keys(repo) == before:
            break
    return found


def _keys(repo: Repo) -> list[list[str]]:
    return [list(repo.backend.keys(drawer)) for drawer in ("journal/", "packs/", "blobs/")]


def _look(repo: Repo, progress: Progress | None) -> Verdict:
    # Against the order of writing: what an entry names was there before the entry.
    told = history.read(repo.journal)
    records = stored.records(repo.backend, graph.links_of)
    blobs = stored.blobs(repo.backend, progress)
    links = graph.Graph(records.links, set(records.sizes), set(blobs.sizes))
    findings = [
        *records.findings,
        *blobs.findings,
        *told.findings,
        *graph.check_links(links, told.roots, told.purged),
        *_unfinished_purges(told, blobs),
        *_index(repo),
        *_unreached(links, told, records, blobs),
        *_leftovers(repo),
    ]
    return verdict(findings, _counted(told, records, blobs))


def _unfinished_purges(told: History, blobs: Held) -> Iterator[Finding]:
    for identifier in sorted(told.purged.keys() & blobs.sizes.keys()):
        yield Finding(
            outcome="fail",
            code="purged/still-held",
            what="the journal says that this blob was removed for good, and it is still here",
            place=identifier,
            hint=f"sestina purge {identifier} --reason again",
        )


def _index(repo: Repo) -> Iterator[Finding]:
    from sestina.store.catalog.sqlite import SqliteCatalog

    anew = SqliteCatalog(None, repo.journal, repo.records)
    try:
        held, made = repo.catalog.dump(), anew.dump()
    finally:
        anew.close()
    differing = [table for table in made if made[table] != held.get(table)]
    if differing:
        yield Finding(
            outcome="warn",
            code="catalog/differs",
            what=f"the index is not what the journal says ({', '.join(differing)})",
            place="catalog.sqlite",
            hint="sestina check --reindex",
        )
    for hint in repo.hints:
        yield Finding(outcome="warn", code="catalog/hint", what=hint, place="catalog.sqlite")


def _unreached(links: graph.Graph, told: History, records: Held, blobs: Held) -> Iterator[Finding]:
    loose_records, loose_blobs = links.unreached(told.roots)
    size = sum(records.sizes[i] for i in loose_records) + sum(blobs.sizes[i] for i in loose_blobs)
    if loose_records or loose_blobs:
        yield Finding(
            outcome="pass",
            code="leftover/unreached",
            what=f"{len(loose_records)} records and {len(loose_blobs)} blobs ({size} bytes)"
            " are reached by no name: a command has not made its entry yet, or was stopped before",
            place="packs/",
        )


def _leftovers(repo: Repo) -> Iterator[Finding]:
    for key in repo.backend.keys("tmp/"):
        yield Finding(
            outcome="pass",
            code="leftover/tmp",
            what="a temporary file of a command that runs now or was interrupted",
            place=key,
        )


def _counted(told: History, records: Held, blobs: Held) -> list[Item]:
    return [
        Item(name="entries", value=str(told.entries)),
        Item(name="records", value=str(len(records.sizes))),
        Item(name="blobs", value=str(len(blobs.sizes))),
        Item(name="bytes", value=str(sum(blobs.sizes.values()) + sum(records.sizes.values()))),
        Item(name="stored", value=str(blobs.stored + records.stored)),
    ]
