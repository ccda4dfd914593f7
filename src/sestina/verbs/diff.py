"""`diff`: all that differs between two runs, versions or recipes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput
from sestina.ingredients.shelf import ORDER
from sestina.kernel.ids import RecordId
from sestina.records.answers import Change
from sestina.records.answers_diff import DiffAnswer, Pair, Side
from sestina.records.facts import Facts
from sestina.records.run import Run
from sestina.store import trees
from sestina.verbs.bearer import Bearer, bearer

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_NEVER_TOLD = {"wall seconds", "cpu seconds", "peak memory bytes"}
"""They differ between any two runs: to tell them each time would hide what matters."""


def diff(
    repo: Repo, a: str, b: str, *, only: Iterable[str] = (), unread: bool = False
) -> DiffAnswer:
    """Returns what differs between `a` and `b`, each change once.

    `only` are names of ingredients; `unread` adds the files that differ in git and that neither
    run read. Two runs of one recipe with different outputs are `unexplained`.
    """
    wanted = set(only)
    for name in wanted - {room.name for room in ORDER}:
        raise InvalidInput(
            "invalid-input/ingredient",
            f"'{name}' is no ingredient",
            why=f"there are {', '.join(room.name for room in ORDER)}",
        )
    old, new = bearer(repo, a), bearer(repo, b)
    changes = [
        change
        for room in ORDER
        if not wanted or room.name in wanted
        for change in _changes(repo, old, new, room.name)
    ]
    same = old.recipe_id == new.recipe_id
    before, after = _facts(repo, old), _facts(repo, new)
    outputs = _outputs(repo, old, new)
    effective = _effective(before, after) if not wanted or "params" in wanted else ()
    return DiffAnswer(
        a=_side(old),
        b=_side(new),
        same_recipe=same,
        unexplained=same and bool(outputs),
        metrics=_metrics(old.run, new.run),
        outputs=outputs,
        changes=tuple(changes),
        effective=effective,
        unread=_unread(repo, before, after) if unread else (),
        facts=_fact_pairs(before, after),
    )


def _changes(repo: Repo, old: Bearer, new: Bearer, name: str) -> Iterable[Change]:
    a: RecordId = getattr(old.recipe, name).record
    b: RecordId = getattr(new.recipe, name).record
    if a == b:
        return ()
    room = next(room for room in ORDER if room.name == name)
    return room.diff(a, b, repo).changes


def _side(held: Bearer) -> Side:
    run = held.run
    return Side(
        name=held.name,
        recipe=held.recipe_id,
        run=held.run_id,
        began=run.began if run is not None else None,
        exit=run.exit if run is not None else None,
        grade=run.grade if run is not None else None,
    )


def _facts(repo: Repo, held: Bearer) -> Facts | None:
    return repo.records.get(held.run.facts, Facts) if held.run is not None else None


def _metrics(old: Run | None, new: Run | None) -> tuple[Pair, ...]:
    if old is None or new is None:
        return ()
    return pairs(
        {metric.name: metric.value for metric in old.metrics},
        {metric.name: metric.value for metric in new.metrics},
    )


def _outputs(repo: Repo, old: Bearer, new: Bearer) -> tuple[Pair, ...]:
    """Returns the outputs that differ; a version's are those of its run, seen from the model."""
    if old.run is None or new.run is None or old.run.outputs == new.run.outputs:
        return ()
    a, b = (
        {leaf.path: leaf.id for leaf in trees.walk(repo, run.outputs)} for run in (old.run, new.run)
    )
    return pairs(a, b)


def _effective(before: Facts | None, after: Facts | None) -> tuple[Pair, ...]:
    if before is None or after is None:
        return ()
    a, b = (
        {f"{one.by} {one.name}": one.value for one in (*facts.effective, *facts.estimators)}
        for facts in (before, after)
    )
    return pairs(a, b, both=True)


def _fact_pairs(before: Facts | None, after: Facts | None) -> tuple[Pair, ...]:
    if before is None or after is None:
        return ()
    return pairs(_told(before), _told(after))


def _told(facts: Facts) -> dict[str, str]:
    told: dict[str, str] = {}
    for title, settings in (
        ("", facts.machine),
        ("git ", facts.git),
        ("cost ", facts.cost),
        ("switch ", facts.switches),
        ("variable ", facts.variables),
        ("listing ", facts.listings),
    ):
        told |= {
            f"{title}{one.name}": one.value or "withheld"
            for one in settings
            if one.name not in _NEVER_TOLD and not (title == "variable " and one.value is None)
        }
    for one in facts.sowings:
        if one.state != "untouched":
            told[f"generator {one.generator}"] = f"{one.state} {one.value or ''}".strip()
    if facts.peers:
        told["network"] = ", ".join(facts.peers)
    if facts.gaps:
        told["capture"] = "; ".join(facts.gaps)
    return told


def pairs(
    before: Mapping[str, str], after: Mapping[str, str], *, both: bool = False
) -> tuple[Pair, ...]:
    """Returns the names whose texts differ, sorted; with `both`, only those on both sides."""
    names = before.keys() & after.keys() if both else before.keys() | after.keys()
    return tuple(
        Pair(name=name, before=before.get(name), after=after.get(name))
        for name in sorted(names)
        if before.get(name) != after.get(name)
    )


def _unread(repo: Repo, before: Facts | None, after: Facts | None) -> tuple[Change, ...]:
    from sestina.verbs.unread import unread

    return unread(repo, before, after) if before is not None and after is not None else ()
