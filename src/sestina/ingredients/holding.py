"""Files and spans on their way into the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sestina.errors import Unavailable
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import CUSTODIES, Custody, Span
from sestina.records.observation import Claim, SeenFile
from sestina.records.tree import Mode
from sestina.store import trees
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def hold(files: Iterable[SeenFile], repo: Repo) -> tuple[RecordId, Custody]:
    """Returns the tree of the files, and how well they are held.

    A file that cannot be read (gone, no permission) is left out, and the custody is `missing`.
    """
    leaves, custody = [], CUSTODIES[0]
    for file in files:
        leaf, held = _leaf(file, repo)
        custody = max(custody, held, key=CUSTODIES.index)
        if leaf is not None:
            leaves.append(leaf)
    return trees.build(repo, leaves), custody


def _leaf(file: SeenFile, repo: Repo) -> tuple[Leaf | None, Custody]:
    mode: Mode = "link" if file.link is not None else "exec" if file.executable else "file"
    given = file.link if file.link is not None else file.residue
    try:
        if given is not None:
            blob, size = repo.contents.add(given), len(given)
        elif file.keep:
            blob, size = repo.contents.add_file(file.at)
        else:
            blob, size = repo.contents.identify(file.at)
    except (OSError, ValueError, Unavailable):
        return None, "missing"
    referenced = given is None and not file.keep
    leaf = Leaf(path=file.path, mode=mode, id=blob, size=size)
    return leaf, "referenced" if referenced else "captured"


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
