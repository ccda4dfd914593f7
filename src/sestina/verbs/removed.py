"""Files of a run whose bytes were purged: known by their ids, and never to be had again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.records.ingredient import Setting
from sestina.records.recipe import Recipe
from sestina.store import trees

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def removed(repo: Repo, recipe: str | None, outputs: str | None) -> tuple[Setting, ...]:
    """Returns path and reason of every file of a recipe, and of a tree of outputs, that is gone."""
    purged = repo.catalog.purged()
    if not purged:
        return ()
    tops = [outputs] if outputs is not None else []
    if recipe is not None:
        held = repo.records.get(recipe, Recipe)
        parts = (held.code, held.data, held.params)
        tops += [repo.records.get_any(part.record).files for part in parts]
    found = {
        leaf.path: purged[leaf.id]
        for top in tops
        for leaf in trees.walk(repo, top)
        if leaf.id in purged
    }
    return tuple(Setting(name=path, value=found[path]) for path in sorted(found))
