"""`du`: where the repo's bytes are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.records.answers_keeping import DuAnswer, DuLine
from sestina.records.recipe import Recipe
from sestina.store import trees
from sestina.store.usage import usage

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def du(repo: Repo) -> DuAnswer:
    """Returns what the repo takes on disk, by drawer, and what it holds, by what it is."""
    parts = usage(repo)
    held: dict[str, DuLine] = {}
    seen: set[str] = set()
    for part, tree in _trees(repo):
        for leaf in trees.walk(repo, tree):
            if leaf.id not in seen and repo.contents.has(leaf.id):
                seen.add(leaf.id)
                line = held.get(part, DuLine(name=part, count=0, size=0))
                held[part] = DuLine(name=part, count=line.count + 1, size=line.size + leaf.size)
    return DuAnswer(
        path=str(repo.path),
        size=sum(part.stored for part in parts),
        disk=tuple(
            DuLine(name=part.name, count=part.members, size=part.stored)
            for part in parts
            if part.members
        ),
        held=tuple(held.values()),
    )


def _trees(repo: Repo) -> Iterator[tuple[str, str]]:
    """Yields every top tree once, with what it holds; damage is for `check` to tell."""
    done: set[str] = set()
    for part in ("data", "outputs", "code", "params"):
        for row in repo.refs.runs():
            if row.recipe is None or row.outputs is None:
                continue
            tree = row.outputs
            if part != "outputs":
                ref = getattr(repo.records.get(row.recipe, Recipe), part)
                tree = repo.records.get_any(ref.record).files
            if tree not in done:
                done.add(tree)
                yield part, tree
