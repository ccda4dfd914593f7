"""`version`: the outputs of a run become the next version of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.errors import Refused
from sestina.kernel.ids import RecordId, short
from sestina.records.answers_keeping import VersionAnswer
from sestina.records.entry import Effect
from sestina.records.run import Run
from sestina.store import trees
from sestina.verbs import models, workspace

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def version(repo: Repo, model: str, run: str) -> VersionAnswer:
    """Returns the new version of `model`, made from the outputs of `run`.

    The model's files are those that `[models.NAME] path` in sestina.toml covers, else the outputs
    of a known model format. Raises Refused where the run failed or wrote no model.
    """
    from sestina.records.names import checked

    checked(model, "model")
    target = run_of(repo, run)
    record = repo.records.get(target, Run)
    if record.exit != 0:
        ended = "was interrupted" if record.exit is None else f"exited with {record.exit}"
        raise Refused(
            "refused/version",
            f"no version of '{model}' was made from run/{short(target)}",
            why=f"that run {ended}, and a version needs an exit of 0",
            hint="sestina log",
        )
    outputs = trees.walk(repo, record.outputs)
    settings = workspace.settings(workspace.project_of(repo.path)).model(model)
    look = f"sestina show run/{short(target)}"
    found = models.find(outputs, settings, models.head_in_repo(repo), look=look)
    made = models.version_of(repo, model, found, RecordId(target))
    effect = Effect(kind="version", name=model, number=None, record=made)
    entry = repo.commit("version", [effect])
    return VersionAnswer(
        name=f"{model}:{entry.effects[0].number}",
        record=made,
        entry=entry.seq,
        run=target,
        format=found.format,
        files=tuple(leaf.path for leaf in found.leaves),
    )


def run_of(repo: Repo, name: str) -> str:
    """Returns the id of the run that `name` is, or that made the version it is.

    Raises Refused for a name that has no run.
    """
    from sestina.records.version import Version

    target = repo.refs.resolve(name)
    if target.kind == "run":
        return target.id
    if target.kind == "version":
        run = repo.records.get(target.id, Version).run
        if run is not None:
            return run
    raise Refused(
        "refused/no-run",
        f"'{name}' is no run",
        why=f"it is a {target.kind}, and this needs what one run did",
        hint=f"sestina show {target.name}",
    )
