"""From an observation to records: six ingredients, a recipe, outputs, metrics, facts, a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sestina.capture.withheld import NOT_KEPT
from sestina.errors import Refused
from sestina.ingredients import claims
from sestina.ingredients.holding import hold
from sestina.ingredients.shelf import ORDER
from sestina.kernel.ids import RecordId
from sestina.records.entry import Effect
from sestina.records.ingredient import Setting
from sestina.records.observation import Observation, SeenFile
from sestina.records.recipe import Recipe
from sestina.records.run import Metric, Run
from sestina.records.settings import Settings
from sestina.store import trees
from sestina.store.trees import Leaf
from sestina.verbs import facts, metrics, models
from sestina.verbs.removed import removed

if TYPE_CHECKING:
    from sestina.store.repo import Repo


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is asked and known of a run beside what was observed."""

    name: str | None = None
    model: str | None = None
    actor: str
    grade: str
    machine: tuple[Setting, ...] = ()
    git: tuple[Setting, ...] = ()
    variables: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A run whose one journal entry is written. `notes` are for the person who ran it."""

    run: RecordId
    recipe: RecordId
    versions: tuple[str, ...]
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]


def seal(repo: Repo, seen: Observation, settings: Settings, around: Surroundings) -> Sealed:
    """Returns the run as it is now in the repo: one commit, one journal entry."""
    recipe = repo.records.add(gathered(repo, seen, settings))
    tree, _ = hold(written(seen.files), repo)
    outputs = list(trees.walk(repo, tree))
    numbers, notes = metrics.gather(seen, settings)
    torn = [
        f"{file.path}: changed by another program during the run"
        for file in seen.files
        if file.torn
    ]
    unkept = [
        f"{file.path}: holds a token, so its bytes are not kept; secrets.allow in sestina.toml"
        " excepts files"
        for file in seen.files
        if file.rule.endswith(NOT_KEPT)
    ]
    gone = [
        f"{file.name}: was purged before ({file.value}), and is not taken in again"
        for file in removed(repo, recipe, tree)
    ]
    told = (*notes, *torn, *unkept, *gone)
    table = facts.assemble(
        repo,
        seen,
        name=around.name,
        outputs={leaf.path: leaf.id for leaf in outputs},
        machine=around.machine,
        git=around.git,
        variables=around.variables,
        notes=told,
    )
    run = repo.records.add(
        Run(
            recipe=recipe,
            outputs=tree,
            metrics=numbers,
            facts=repo.records.add(table),
            grade=around.grade,
            exit=seen.exit,
            began=seen.began,
            ended=seen.ended,
            actor=around.actor,
        )
    )
    effects = [Effect(kind="run", name=run, number=None, record=run)]
    if around.name:
        effects.append(Effect(kind="name", name=around.name, number=None, record=run))
    made, refused = _versions(repo, seen, settings, around.model, outputs, run)
    entry = repo.commit("run", [*effects, *made], actor=around.actor)
    numbered = tuple(f"{one.name}:{one.number}" for one in entry.effects if one.kind == "version")
    return Sealed(
        run=run, recipe=recipe, versions=numbered, metrics=numbers, notes=(*told, *refused)
    )


def gathered(repo: Repo, seen: Observation, settings: Settings) -> Recipe:
    """Returns the recipe of an observation, its six ingredients handed to the store."""
    parts = claims.split(seen, settings)
    return Recipe(**{room.name: room.gather(parts[room.name], repo) for room in ORDER})


def written(files: Iterable[SeenFile]) -> list[SeenFile]:
    """Returns what the run wrote and left behind."""
    return [file for file in files if file.kind in ("output", "intermediate") and not file.gone]


def _versions(
    repo: Repo,
    seen: Observation,
    settings: Settings,
    model: str | None,
    outputs: Sequence[Leaf],
    run: RecordId,
) -> tuple[list[Effect], list[str]]:
    """Returns the versions asked for or made every time, and what stood in the way."""
    if seen.exit != 0:
        failed = f"no version of '{model}' was made: the command exited with {seen.exit}"
        return [], [failed] if model else []
    every = [one.name for one in settings.models if one.versions == "every run"]
    effects, refused = [], []
    for name in dict.fromkeys([model, *every] if model else every):
        try:
            found = models.find(outputs, settings.model(name), models.head_in_repo(repo))
        except Refused as error:
            # A run that trains another model is no news for a model versioned at every run.
            refused += [f"{error.what}: {error.why}"] if name == model else []
            continue
        record = models.version_of(repo, name, found, run)
        effects.append(Effect(kind="version", name=name, number=None, record=record))
    return effects, refused
