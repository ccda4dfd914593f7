"""Whole runs made without a process: for tests that need a repo with a history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sestina.kernel import when
from sestina.kernel.ids import RecordId
from sestina.records.entry import Effect, Entry
from sestina.records.facts import Facts, Reference
from sestina.records.ingredient import (
    CodeRecord,
    DataRecord,
    EnvRecord,
    FeaturesRecord,
    IngredientRef,
    ParamsRecord,
    SeedRecord,
    Setting,
    Span,
)
from sestina.records.recipe import Recipe
from sestina.records.run import Metric, Run
from sestina.records.version import Version
from sestina.store import trees
from sestina.store.repo import Repo
from sestina.store.trees import Leaf


def add_tree(repo: Repo, files: Mapping[str, bytes]) -> RecordId:
    """Returns the top tree of these files, by logical path; their bytes are added."""
    return trees.build(
        repo,
        [Leaf(path, "file", repo.contents.add(data), len(data)) for path, data in files.items()],
    )


def add_recipe(
    repo: Repo,
    *,
    code: Mapping[str, bytes],
    data: Mapping[str, bytes],
    arguments: Sequence[str] = (),
    seed: str | None = None,
) -> RecordId:
    """Returns a recipe with these files of code and data; features and env are empty."""
    feature = Span(
        file="project:train.py",
        name="spend",
        placeholder="<1>",
        blob=repo.contents.add(b"def spend"),
    )
    withheld = Span(file="project:.env", name="TOKEN", placeholder="<2>", blob=None)
    records = {
        "code": CodeRecord(
            command=("python", "train.py"), folder="project:", files=add_tree(repo, code)
        ),
        "data": DataRecord(files=add_tree(repo, data), datasets=()),
        "features": FeaturesRecord(spans=(feature,)),
        "params": ParamsRecord(
            arguments=tuple(arguments),
            files=add_tree(repo, {}),
            spans=(withheld,),
            variables=(),
            recorded=(),
        ),
        "env": EnvRecord(
            interpreters=(), distributions=(), libraries=(), programs=(), variables=()
        ),
        "seed": SeedRecord(
            variables=(Setting(name="PYTHONHASHSEED", value=seed),), arguments=(), spans=()
        ),
    }
    refs = {
        name: IngredientRef(record=repo.records.add(record), custody="captured")
        for name, record in records.items()
    }
    return repo.records.add(Recipe(**refs))


def add_run(
    repo: Repo,
    *,
    code: Mapping[str, bytes] | None = None,
    data: Mapping[str, bytes] | None = None,
    outputs: Mapping[str, bytes] | None = None,
    referenced: Sequence[Reference] = (),
    arguments: Sequence[str] = (),
    metrics: Mapping[str, str] | None = None,
) -> RecordId:
    """Returns a run that read `code` and `data` and wrote `outputs`; nothing is committed."""
    given: dict[str, Any] = {
        "name": None,
        "files": repo.contents.add(b""),
        "referenced": tuple(referenced),
    }
    facts = Facts(**dict.fromkeys((field.name for field in fields(Facts)), ()) | given)
    measured = [
        Metric(name=name, value=value, source="code") for name, value in (metrics or {}).items()
    ]
    run = Run(
        recipe=add_recipe(
            repo,
            code={"project:train.py": b"print()"} if code is None else code,
            data=data or {},
            arguments=arguments,
        ),
        outputs=add_tree(repo, outputs or {}),
        metrics=tuple(measured),
        facts=repo.records.add(facts),
        grade="complete (kernel)",
        exit=0,
        began=when.now(),
        ended=when.now(),
        actor="ada",
    )
    return repo.records.add(run)


def add_version(repo: Repo, model: str, run: RecordId, files: Mapping[str, bytes]) -> RecordId:
    """Returns a version of `model` that `run` made; its number comes with the commit."""
    tree = add_tree(repo, files)
    return repo.records.add(Version(model=model, files=tree, format="joblib", run=run))


def seal(repo: Repo, run: RecordId, *, name: str | None = None, model: str | None = None) -> Entry:
    """Returns the entry that commits a run, with its name and a version of `model` if given."""
    effects = [Effect(kind="run", name="", number=None, record=run)]
    if name is not None:
        effects.append(Effect(kind="name", name=name, number=None, record=run))
    if model is not None:
        version = add_version(
            repo, model, run, {f"project:{model}.pkl": model.encode() + run.encode()}
        )
        effects.append(Effect(kind="version", name=model, number=None, record=version))
    return repo.commit("run", effects)


def tag(repo: Repo, name: str, record: str | None) -> Entry:
    """Returns the entry that sets a tag, or takes it away."""
    return repo.commit("tag", [Effect(kind="tag", name=name, number=None, record=record)])
