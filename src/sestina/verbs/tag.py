"""`tag`: a name that never moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.errors import Refused
from sestina.records.answers_keeping import TagAnswer
from sestina.records.entry import Effect

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def tag(repo: Repo, name: str, record: str) -> TagAnswer:
    """Returns the tag `tag/NAME`, now set on `record`: a version, run, recipe, tag or id.

    Raises Conflict where the tag stands for something else; to set it again on the same is fine.
    """
    name = name.removeprefix("tag/")
    target = repo.refs.resolve(record)
    if target.kind == "blob":
        raise Refused(
            "refused/tag",
            f"'{record}' cannot be tagged",
            why="it is a blob; versions, runs, recipes and other records can",
            hint=f"sestina show {target.name}",
        )
    effect = Effect(kind="tag", name=name, number=None, record=target.id)
    entry = repo.commit("tag", [effect])
    return TagAnswer(name=f"tag/{name}", record=target.id, entry=entry.seq)
