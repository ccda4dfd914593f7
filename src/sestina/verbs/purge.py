"""`purge`: the bytes of one file, removed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.errors import Refused
from sestina.kernel import withhold
from sestina.records.answers_keeping import PurgeAnswer
from sestina.records.names import said
from sestina.store import erase, trees
from sestina.verbs.bearer import bearer
from sestina.verbs.cat import no_file, split_name

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def purge(repo: Repo, name: str, *, reason: str) -> PurgeAnswer:
    """Returns what was removed: `name` is `RUN:PATH`, `MODEL:NUMBER:PATH`, or a blob's id.

    Of a file that ingredients share, every part goes, and of one that the run read and changed,
    what it was and what it became. The ids stay, in the journal with the
    `reason`, and the same bytes are never taken in again. Copies of the repo, and whatever the
    file system still has, are beyond reach.
    """
    reason = withhold.without_secrets(said(reason, "reason"))
    blobs = _blobs(repo, name)
    size = sum(repo.contents.size(blob) for blob in blobs if repo.contents.has(blob))
    hit = dict.fromkeys(use.run for blob in blobs for use in repo.catalog.runs_with(blob))
    names = [_names(repo, run) for run in hit]
    entries = [erase.purge(repo, blob, reason) for blob in blobs]
    return PurgeAnswer(
        blobs=tuple(blobs),
        size=size,
        reason=reason,
        hit=tuple(name for several in names for name in several),
        entry=entries[-1].seq,
    )


def _blobs(repo: Repo, name: str) -> list[str]:
    if ":" not in name:
        target = repo.refs.resolve(name)
        if target.kind != "blob":
            raise Refused(
                "refused/purge",
                f"'{name}' is no file",
                why=f"it is a {target.kind}; only the bytes of files can be removed",
                hint=f"sestina show {target.name} --files",
            )
        return [target.id]
    owner, logical = split_name(name)
    held = bearer(repo, owner)
    blobs: list[str] = []
    for part, tree in held.trees(repo):
        leaf = trees.read(repo, tree, logical)
        if leaf is not None:
            spans = held.spans(repo, logical) if part in ("code", "params") else ()
            blobs += [leaf.id, *(span.blob for span in spans if span.blob)]
    if not blobs:
        raise no_file(repo, held, logical)
    return list(dict.fromkeys(blobs))


def _names(repo: Repo, run: str) -> list[str]:
    row = repo.catalog.run(run)
    return [repo.refs.label(run), *(row.versions if row is not None else ())]
