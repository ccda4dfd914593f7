"""Where a repo's bytes are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sestina.errors import Corrupt
from sestina.store.index import read_directory

if TYPE_CHECKING:
    from sestina.store.repo import Repo


class Part(NamedTuple):
    """A part of a repo: `members` of `size` bytes, which take `stored` bytes."""

    name: str
    members: int
    size: int
    stored: int


def usage(repo: Repo) -> list[Part]:
    """Returns the parts of a repo, always the same and in the same order."""
    return [
        _packed(repo, "blobs in packs", "packs/"),
        _plain(repo, "large blobs", "blobs/"),
        _packed(repo, "records", "records/"),
        _plain(repo, "journal", "journal/"),
        _plain(repo, "live runs", "live/"),
        _plain(repo, "temporary", "tmp/"),
    ]


def _plain(repo: Repo, name: str, prefix: str) -> Part:
    sizes = [repo.backend.size(key) or 0 for key in repo.backend.keys(prefix)]
    return Part(name, len(sizes), sum(sizes), sum(sizes))


def _packed(repo: Repo, name: str, prefix: str) -> Part:
    sizes: dict[str, int] = {}
    for key in repo.backend.keys(prefix):
        try:
            sizes.update({member.id: member.size for member in read_directory(repo.backend, key)})
        except Corrupt:
            continue  # `check` names it
    return Part(name, len(sizes), sum(sizes.values()), _plain(repo, name, prefix).stored)
