"""Removing a blob for good: the one act that takes bytes away on purpose.

The journal entry comes first, so that a crash in between leaves a purge that `check` calls
unfinished and that can be done again, never bytes that are gone without a reason.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sestina.errors import Conflict, Corrupt, InvalidInput, NotFound
from sestina.kernel.ids import is_id, short
from sestina.records.entry import Effect, Entry
from sestina.store.backend import Backend
from sestina.store.contents import loose_key
from sestina.store.drawer import tmp_name
from sestina.store.index import SUFFIX, pack_key, read_directory
from sestina.store.locks import empty
from sestina.store.packs import PackWriter

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def purge(repo: Repo, blob: str, reason: str, *, actor: str | None = None) -> Entry:
    """Returns the journal entry that tells the removal; it is the tombstone.

    Raises NotFound for a blob that this repo does not hold, and Conflict while another command
    writes. The same bytes are never taken in again. Bytes that the file system or a copy of the
    repo still has are beyond reach.
    """
    if not is_id(blob):
        raise InvalidInput("invalid-input/id", f"'{blob}' is not the whole id of a blob")
    with repo.alone():
        told = blob in repo.catalog.purged()
        if not told and not repo.contents.has(blob):
            raise NotFound("not-found/blob", f"this repo has no blob {short(blob)}")
        effect = Effect(kind="purge", name=blob, number=None, record=None)
        entry = repo.commit("purge", [effect], reason=reason, actor=actor)
        repo.backend.delete(loose_key(blob))
        for key in repo.backend.keys("packs/"):
            if key.endswith(SUFFIX):
                _rewrite_without(repo, key, blob)
        repo.contents.drawer.index.refresh()
        empty(repo.scratch)
    return entry


def _rewrite_without(repo: Repo, key: str, blob: str) -> None:
    backend: Backend = repo.backend
    try:
        members = read_directory(backend, key)
    except (Corrupt, NotFound):
        return  # what cannot be read cannot be rewritten; `check` names it
    if all(member.id != blob for member in members):
        return
    rest = [member for member in members if member.id != blob]
    if rest:
        writer = PackWriter(repo.scratch / tmp_name("pack"))
        try:
            for member in sorted(rest, key=lambda m: m.offset):
                writer.copy(member, backend.get(key, member.offset, member.length))
            new = pack_key("packs/", writer.finish())
            with contextlib.suppress(Conflict):
                backend.put(new, writer.path)
        finally:
            writer.drop()
    backend.delete(key)
