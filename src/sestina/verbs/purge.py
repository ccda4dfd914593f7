"""`purge`: the bytes of one file, removed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.errors import Refused
from sestina.records.answers_keeping import PurgeAnswer
from sestina.store import erase, trees
from sestina.verbs.bearer import bearer
from sestina.verbs.cat import split_name

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def purge(repo: Repo, name: str, *, reason: str) -> PurgeAnswer:
    """Returns what was removed: `name` is `RUN:PATH`, `MODEL:NUMBER:PATH`, or a blob's id.

    The id stays, in the journal with its `reason`, and the same bytes are never taken in again.
    Copies of the repo, and whatever the file system still has, are beyond reach.
    """
    blob = _blob(repo, name)
    size = repo.contents.size(blob) if repo.contents.has(blob) else 0
    hit = dict.fromkeys(use.run for use in repo.catalog.runs_with(blob))
    names = [_names(repo, run) for run in hit]
    entry = erase.purge(repo, blob, reason)
    return PurgeAnswer(
        id=blob,
        size=size,
        reason=reason,
        hit=tuple(name for several in names for name in several),
        entry=entry.seq,
    )


def _blob(repo: Repo, name: str) -> str:
    if ":" not in name:
        target = repo.refs.resolve(name)
        if target.kind != "blob":
            raise Refused(
                "refused/purge",
                f"'{name}' is no file",
                why=f"it is a {target.kind}; only the bytes of files can be removed",
                hint=f"sestina show {target.name} --files",
            )
        return target.id
    owner, logical = split_name(name)
    held = bearer(repo, owner)
    for _, tree in held.trees(repo):
        leaf = trees.read(repo, tree, logical)
        if leaf is not None:
            return leaf.id
    from sestina.verbs.cat import no_file

    raise no_file(repo, held, logical)


def _names(repo: Repo, run: str) -> list[str]:
    row = repo.catalog.run(run)
    return [repo.refs.label(run), *(row.versions if row is not None else ())]
