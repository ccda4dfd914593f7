"""`tag`: a name that never moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.errors import Conflict
from sestina.records.answers_keeping import TagAnswer
from sestina.records.entry import Effect

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def tag(repo: Repo, name: str, record: str) -> TagAnswer:
    """Returns the tag `tag/NAME`, now set on `record`: a version, run, recipe, tag or id.

    Raises Conflict where the tag stands for something else; to set it again on the same is fine.
    """
    from sestina.store.commit import NOTHING

    name = name.removeprefix("tag/")
    target = repo.refs.resolve(record)
    effect = Effect(kind="tag", name=name, number=None, record=target.id)
    try:
        entry = repo.commit("tag", [effect], expect=NOTHING)
    except Conflict:
        if dict(repo.refs.tags()).get(name) == target.id:
            return TagAnswer(name=f"tag/{name}", record=target.id, entry=0)
        raise _taken(repo, name) from None
    return TagAnswer(name=f"tag/{name}", record=target.id, entry=entry.seq)


def _taken(repo: Repo, name: str) -> Conflict:
    held = dict(repo.refs.tags()).get(name, "")
    return Conflict(
        "conflict/tag",
        f"tag/{name} is set already",
        why=f"it stands for {repo.refs.label(held)}, and a tag never moves",
        hint=f"sestina show tag/{name}",
    )
