"""`log`: runs or versions, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput, SestinaError
from sestina.kernel import when
from sestina.kernel.ids import short
from sestina.records.answers_runs import LogAnswer, LogLine
from sestina.records.ingredient import NAMES, CodeRecord
from sestina.records.names import checked
from sestina.records.recipe import Recipe
from sestina.records.run import Metric, Run
from sestina.verbs import metrics

if TYPE_CHECKING:
    from sestina.records.facts import Facts
    from sestina.store.catalog.catalog import RunRow
    from sestina.store.repo import Repo

_LOOK_BACK = 100
"""Runs before the oldest that is shown, among which the one before it is looked for."""


DAMAGED = "damaged"
"""The grade of a line whose run has lost a record; `check` tells which."""


def log(repo: Repo, name: str | None = None, *, limit: int = 20) -> LogAnswer:
    """Returns the runs of a repo, or the versions of the model `name`, newest first.

    `limit` 0 means all. Raises NotFound for a name that is no model.
    """
    if name is None:
        return _of_runs(repo, limit)
    return _of_versions(repo, name.removesuffix(":"), limit)


def versions(repo: Repo) -> LogAnswer:
    """Returns the newest version of every model, by the model's name."""
    lines = [_of_versions(repo, model, 1) for model in repo.refs.models()]
    return LogAnswer(
        of=None,
        lines=tuple(line for answer in lines for line in answer.lines),
        more=sum(answer.more for answer in lines),
    )


def _of_runs(repo: Repo, limit: int) -> LogAnswer:
    rows = repo.refs.runs(limit=limit + _LOOK_BACK if limit else None)
    shown = rows[:limit] if limit else rows
    more = len(repo.refs.runs()) - len(shown) if len(rows) > len(shown) else 0
    before = _same_script_before(repo, rows)
    lines = []
    for row in shown:
        name, older = repo.refs.label(row.id), before.get(row.id)
        lines.append(_whole_line(repo, name, row, row.versions, older, primary=None))
    return LogAnswer(of=None, lines=tuple(lines), more=more)


def _same_script_before(repo: Repo, newest_first: Sequence[RunRow]) -> dict[str, str]:
    """Returns for each run the run of the same script before it: another tells nothing of it."""
    last: dict[tuple[str, ...] | None, str] = {}
    before = {}
    for row in reversed(newest_first):
        script = _script(repo, row)
        if script in last:
            before[row.id] = last[script]
        last[script] = row.id
    return before


def _script(repo: Repo, row: RunRow) -> tuple[str, ...] | None:
    if row.recipe is None:
        return None
    try:
        code = repo.records.get(row.recipe, Recipe).code
        return repo.records.get(code.record, CodeRecord).command
    except SestinaError:
        return None


def _of_versions(repo: Repo, model: str, limit: int) -> LogAnswer:
    held = repo.refs.versions(model)
    if not held:
        checked(model, "model")
        repo.refs.resolve(f"{model}:1")  # raises, with the models whose names are near
    wanted = next(iter(_primary_names(repo, [model])), None)
    lines = []
    newest_first = held[::-1][: limit or None]
    for place, row in enumerate(newest_first):
        older = held[len(held) - place - 2].run if place < len(held) - 1 else None
        if row.run is not None:
            name = f"{row.model}:{row.number}"
            run = repo.catalog.run(row.run)
            if run is not None:
                lines.append(_whole_line(repo, name, run, (), older, primary=wanted))
    return LogAnswer(of=model, lines=tuple(lines), more=len(held) - len(newest_first))


def _whole_line(
    repo: Repo,
    name: str,
    row: RunRow,
    versions: Sequence[str],
    older: str | None,
    *,
    primary: str | None,
) -> LogLine:
    """Returns the line of a run; of one whose records are lost, what the journal still says."""
    try:
        return _line(repo, name, row.id, versions, older, primary=primary)
    except SestinaError:
        return LogLine(
            name=name,
            run=row.id,
            also=_also(name, row.id, versions),
            began=row.at,
            milliseconds=0,
            exit=0,
            grade=DAMAGED,
            recipe=row.recipe,
            changed=(),
            first=False,
            metric=None,
            command=(),
        )


def _line(
    repo: Repo,
    name: str,
    run_id: str,
    versions: Sequence[str],
    older: str | None,
    *,
    primary: str | None,
) -> LogLine:
    run = repo.records.get(run_id, Run)
    return LogLine(
        name=name,
        run=run_id,
        also=_also(name, run_id, versions),
        began=run.began,
        milliseconds=max(round(1000 * when.seconds_between(run.began, run.ended)), 0),
        exit=run.exit,
        grade=run.grade,
        recipe=run.recipe,
        changed=() if older is None else changed(repo, older, run_id),
        first=older is None,
        metric=_metric(repo, run, versions, primary),
        command=_facts(repo, run).command,
    )


def _also(name: str, run_id: str, versions: Sequence[str]) -> tuple[str, ...]:
    return tuple(other for other in (f"run/{short(run_id)}", *versions) if other != name)


def changed(repo: Repo, older: str, newer: str) -> tuple[str, ...]:
    """Returns the names of the ingredients whose ids differ between two runs."""
    a, b = (repo.records.get(repo.records.get(run, Run).recipe, Recipe) for run in (older, newer))
    return tuple(name for name in NAMES if getattr(a, name).record != getattr(b, name).record)


def _facts(repo: Repo, run: Run) -> Facts:
    from sestina.records.facts import Facts

    return repo.records.get(run.facts, Facts)


def _metric(repo: Repo, run: Run, versions: Sequence[str], primary: str | None) -> Metric | None:
    """Returns the primary metric of the run's model; of any model, where it made no version."""
    if not run.metrics:
        return None
    models = [version.partition(":")[0] for version in versions]
    named = [primary, *_primary_names(repo, models)]
    found = (metrics.primary(run.metrics, name) for name in named if name is not None)
    return next(filter(None, found), None) or metrics.primary(run.metrics, None)


def _primary_names(repo: Repo, models: Sequence[str]) -> list[str]:
    """Returns what `sestina.toml` calls primary; history needs no such file."""
    from sestina.verbs.workspace import project_of, settings

    try:
        known = settings(project_of(repo.path)).models
    except (InvalidInput, OSError):
        return []
    ours = [one.primary for one in known if one.primary and (not models or one.name in models)]
    return list(dict.fromkeys(ours))
