"""`show`: the birth certificate of a version or run; a recipe, tag, or any record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sestina.errors import SestinaError
from sestina.ingredients.shelf import ORDER
from sestina.kernel import when
from sestina.records.answers import Item
from sestina.records.answers_show import (
    FileLine,
    IngredientSheet,
    RunSheet,
    ShowAnswer,
    VersionSheet,
)
from sestina.records.facts import Facts
from sestina.records.ingredient import CUSTODIES, Setting
from sestina.records.recipe import Recipe
from sestina.records.run import Run
from sestina.records.version import Note, Version
from sestina.store import trees
from sestina.verbs.removed import removed

if TYPE_CHECKING:
    from sestina.store.refs import Target
    from sestina.store.repo import Repo

_LONGEST_FIELD = 2000


def show(repo: Repo, name: str, *, files: bool = False) -> ShowAnswer:
    """Returns what is known of `name`: a version, run, recipe, tag, or any id.

    With `files`, every file of the run with its kind and the rule that decided.
    """
    target = repo.refs.resolve(name)
    version = repo.records.get(target.id, Version) if target.kind == "version" else None
    run_id = version.run if version is not None else target.id if target.kind == "run" else None
    run = repo.records.get(run_id, Run) if run_id is not None else None
    facts = repo.records.get(run.facts, Facts) if run is not None else None
    recipe = target.id if target.kind == "recipe" else run.recipe if run is not None else None
    sheets = _ingredients(repo, recipe, facts) if recipe is not None else ()
    weak = CUSTODIES.index("referenced")
    return ShowAnswer(
        kind=target.kind,
        name=target.name,
        id=target.id,
        names=_names(repo, target, run_id),
        said=_said(repo, [target.id, run_id]),
        recipe=recipe,
        purged=removed(repo, recipe, run.outputs if run is not None else None),
        partial=any(CUSTODIES.index(sheet.custody) > weak for sheet in sheets),
        ingredients=sheets,
        run=_run(repo, run_id, run, facts) if run_id and run and facts else None,
        version=None if version is None else _version(repo, version),
        files=file_table(repo, facts) if files and facts is not None else (),
        roots=facts.roots if facts is not None else (),
        fields=_fields(repo, target) if recipe is None else (),
    )


def file_table(repo: Repo, facts: Facts) -> tuple[FileLine, ...]:
    """Returns the file table of a run: every file it touched, sorted by path."""
    from sestina.kernel import canon

    return tuple(
        FileLine(**canon.decode(line)) for line in repo.contents.read(facts.files).splitlines()
    )


def _ingredients(repo: Repo, recipe: str, facts: Facts | None) -> tuple[IngredientSheet, ...]:
    record = repo.records.get(recipe, Recipe)
    sheets = []
    for room in ORDER:
        ref = getattr(record, room.name)
        told = room.describe(ref.record, repo)
        items = told.items
        if room.name == "params":
            items = _with_typos(repo, record, facts, items)
        sheets.append(
            IngredientSheet(
                ingredient=room.name,
                record=ref.record,
                custody=ref.custody,
                summary=told.summary,
                items=items,
            )
        )
    return tuple(sheets)


def _with_typos(
    repo: Repo, recipe: Recipe, facts: Facts | None, items: tuple[Item, ...]
) -> tuple[Item, ...]:
    """Returns the params, those remarked whose name no source mentions and no library took."""
    from sestina.ingredients.params.effective import marked, taken, unreferenced

    known = taken((*facts.effective, *facts.estimators)) if facts is not None else ()
    sources = recipe.code.record, recipe.features.record
    keys = unreferenced(recipe.params.record, sources, repo, known)
    return marked(items, keys)


def _run(repo: Repo, run_id: str, run: Run, facts: Facts) -> RunSheet:
    return RunSheet(
        run=run_id,
        name=facts.name,
        began=run.began,
        ended=run.ended,
        milliseconds=max(round(1000 * when.seconds_between(run.began, run.ended)), 0),
        actor=run.actor,
        exit=run.exit,
        grade=run.grade,
        command=facts.command,
        metrics=run.metrics,
        outputs=_leaves(repo, run.outputs, "output"),
        effective=facts.effective,
        estimators=facts.estimators,
        sowings=facts.sowings,
        switches=facts.switches,
        machine=facts.machine,
        git=facts.git,
        cost=facts.cost,
        gaps=facts.gaps,
        peers=facts.peers,
        notes=facts.notes,
    )


def _version(repo: Repo, version: Version) -> VersionSheet:
    files = _leaves(repo, version.files, "model")
    return VersionSheet(model=version.model, format=version.format, files=files)


def _leaves(repo: Repo, tree: str, kind: str) -> tuple[FileLine, ...]:
    return tuple(
        FileLine(path=leaf.path, kind=kind, rule=None, size=leaf.size, id=leaf.id)
        for leaf in trees.walk(repo, tree)
    )


def _names(repo: Repo, target: Target, run_id: str | None) -> tuple[str, ...]:
    """Returns every ref that stands for the thing shown, or for its run."""
    ids = {target.id, run_id}
    tags = [f"tag/{tag}" for tag, record in repo.refs.tags() if record in ids]
    row = repo.catalog.run(run_id) if run_id is not None else None
    made = list(row.versions) if row is not None else []
    return tuple(name for name in [*made, *tags] if name != target.name)


def _said(repo: Repo, about: Iterable[str | None]) -> tuple[str, ...]:
    notes = [note for one in dict.fromkeys(about) if one for note in repo.catalog.notes(one)]
    return tuple(
        f"{at[:10]} {actor}: {repo.records.get(record, Note).text}"
        for at, actor, record in sorted(notes)
    )


def _fields(repo: Repo, target: Target) -> tuple[Setting, ...]:
    if target.kind == "blob":
        return (Setting(name="size", value=str(repo.contents.size(target.id))),)
    record = repo.records.get_any(target.id)
    try:
        told = _described(repo, target.id, record)
    except SestinaError:
        told = None
    return told if told is not None else tuple(_plain(record))


def _described(repo: Repo, identifier: str, record: Any) -> tuple[Setting, ...] | None:
    for room in ORDER:
        if room.name == record.KIND:
            described = room.describe(identifier, repo)  # type: ignore[arg-type]
            items = [Setting(name=item.name, value=item.value) for item in described.items]
            return (Setting(name=record.KIND, value=described.summary), *items)
    return None


def _plain(record: Any) -> list[Setting]:
    from sestina.kernel import canon

    fields = canon.decode(canon.encode(record))
    told = []
    for name, value in fields.items():
        text = value if isinstance(value, str) else canon.encode(value).decode()
        told.append(Setting(name=name, value=text[:_LONGEST_FIELD]))
    return [Setting(name="kind", value=record.KIND), *told]
