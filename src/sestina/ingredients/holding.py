"""Files and spans on their way into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sestina.errors import Conflict, InvalidInput, NotFound, Unavailable
from sestina.kernel.ids import BlobId, RecordId
from sestina.records.ingredient import CUSTODIES, Custody, Span
from sestina.records.observation import Claim, SeenFile
from sestina.records.tree import Mode
from sestina.store import trees
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

MAX_TORN = 64 << 20
"""Bytes that are read of a file that changes while it is read."""


def hold(files: Iterable[SeenFile], repo: Repo) -> tuple[RecordId, Custody]:
    """Returns the tree of the files, and how well they are held.

    A file that cannot be read (gone, no permission) is left out, and the custody is `missing`.
    """
    leaves, custody = {}, CUSTODIES[0]
    files = tuple(files)
    known = repo.contents.held_files(
        file.at for file in files if file.keep and file.residue is None and file.link is None
    )
    for file in files:
        leaf, held = _leaf(file, repo, known)
        custody = max(custody, held, key=CUSTODIES.index)
        if leaf is not None:
            leaves[leaf.path] = leaf
    for path in leaves.keys() & {above for leaf in leaves for above in _above(leaf)}:
        # What was a file or link, then a folder, while the run went on: the folder is told.
        del leaves[path]
    return trees.build(repo, leaves.values()), custody


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _leaf(
    file: SeenFile, repo: Repo, known: Mapping[bytes, tuple[BlobId, int]]
) -> tuple[Leaf | None, Custody]:
    mode: Mode = "link" if file.link is not None else "exec" if file.executable else "file"
    given = file.link if file.link is not None else file.residue
    custody: Custody = "captured"
    try:
        if given is not None:
            blob, size = repo.contents.add(given), len(given)
        elif file.keep:
            blob, size = known.get(file.at) or _add(file.at, repo)
        else:
            blob, size = repo.contents.identify(file.at)
            custody = "referenced"
    except (NotFound, InvalidInput, Conflict, Unavailable) as error:
        if error.code == "unavailable/disk-full":  # the repo's: the file itself can be read
            raise
        return None, "missing"
    return Leaf(path=file.path, mode=mode, id=blob, size=size), custody


def _add(path: bytes, repo: Repo) -> tuple[BlobId, int]:
    try:
        return repo.contents.add_file(path)
    except Conflict:  # still being written: what is there now is better than nothing
        with open(path, "rb") as opened:
            data = opened.read(MAX_TORN)
        return repo.contents.add(data), len(data)


def hold_spans(claims: Iterable[Claim], repo: Repo) -> tuple[Span, ...]:
    """Returns the claimed spans, sorted, their bytes handed to the store."""
    spans = [
        Span(
            file=claim.file,
            name=claim.name,
            placeholder=claim.placeholder,
            blob=None if claim.data is None else repo.contents.add(claim.data),
        )
        for claim in claims
    ]
    return tuple(sorted(spans, key=lambda span: (span.file, span.name)))
