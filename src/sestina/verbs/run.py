"""`run`: a command as it is, watched, and sealed when it has ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sestina.errors import Bug, InvalidInput, SestinaError
from sestina.kernel import when, withhold
from sestina.records.answers_runs import RunAnswer
from sestina.records.settings import Settings
from sestina.store.backends.local import told
from sestina.store.commit import default_actor
from sestina.verbs import spool, workspace
from sestina.verbs.seal import Surroundings, seal

if TYPE_CHECKING:
    from pathlib import Path

    from sestina.records.observation import Observation
    from sestina.store.live import Live
    from sestina.store.repo import Repo

NOT_SEALED = 125


def run(
    repo: Repo,
    command: Sequence[str],
    *,
    name: str | None = None,
    model: str | None = None,
    seed: int | None = None,
    capture: str = "auto",
    strict: bool = False,
    trace_seed: bool = False,
) -> RunAnswer:
    """Returns the run of `command`, sealed in one journal entry; its streams are the caller's.

    `name` becomes `run/NAME`; `model` makes a version of that model if the exit is 0; `seed` sets
    PYTHONHASHSEED and SESTINA_SEED for the command. `capture` names an observer. A run that
    cannot be sealed is spooled for the next command to seal, and `answer.failure` says why;
    `strict` then makes `answer.exit` 125. Raises NotFound or Unavailable where the command could
    not start.
    """
    from sestina.capture import session

    wanted(command, name, model)
    if session.outer_run(os.environ) is not None:
        return _joined(session.join(command))
    project = workspace.find(str(repo.path)).project
    settings = workspace.settings(project)
    live = spool.begin(repo, _told(command, name, model))
    try:
        seen = session.observe(
            command,
            project=project,
            live=live.folder,
            run=live.id,
            settings=settings,
            environ=_environ(seed),
            own=(repo.path,),
            capture=capture,
            trace_seed=trace_seed,
        )
    except BaseException:
        live.close()
        raise
    around = _around(repo, seen, settings, project, name, model)
    return _sealed(repo, live, seen, settings, around, strict=strict)


def _sealed(
    repo: Repo,
    live: Live,
    seen: Observation,
    settings: Settings,
    around: Surroundings,
    *,
    strict: bool,
) -> RunAnswer:
    from sestina.capture.grade import grade_line

    code = seen.exit if seen.exit is not None else NOT_SEALED
    try:
        done = seal(repo, seen, settings, around)
    except Exception as error:  # the training is done: nothing that fails here may lose it
        repo.drop()
        kept = spool.keep(repo, live, seen, around)
        return _answer(
            around, grade_line(seen), NOT_SEALED if strict else code, failure=_failure(error, kept)
        )
    live.close()
    return RunAnswer(
        run=done.run,
        name=around.name,
        recipe=done.recipe,
        versions=done.versions,
        capture=grade_line(seen),
        exit=code,
        metrics=done.metrics,
        notes=done.notes,
        failure=None,
    )


def _answer(
    around: Surroundings | None, capture: str, code: int, *, failure: str | None
) -> RunAnswer:
    return RunAnswer(
        run=None,
        name=around.name if around else None,
        recipe=None,
        versions=(),
        capture=capture,
        exit=code,
        metrics=(),
        notes=(),
        failure=failure,
    )


def _joined(code: int) -> RunAnswer:
    return _answer(None, "joined the run that watches already", code, failure=None)


def _failure(error: Exception, kept: bool) -> str:
    if isinstance(error, SestinaError):
        text = str(error)
    elif isinstance(error, OSError):
        text = str(told(os.fspath(error.filename or "the repo"), error))
    else:
        text = str(Bug("bug/unexpected", f"{type(error).__name__}: {error}"))
        if os.environ.get("SESTINA_TRACEBACK"):
            import traceback

            text += "\n" + "".join(traceback.format_exception(error)).rstrip()
    then = (
        "the run is kept aside, and the next command of sestina seals it"
        if kept
        else "the run could not be kept aside either: it will be sealed as interrupted"
    )
    return f"{text}\n  the command itself is done; {then}"


def wanted(command: Sequence[str], name: str | None, model: str | None) -> None:
    """Returns if the words can be run under these names; raises InvalidInput."""
    from sestina.records.names import checked

    if not command:
        raise InvalidInput(
            "invalid-input/command",
            "there is no command to run",
            why="what comes after '--' is run as it stands",
            hint="sestina run -- python train.py",
        )
    if name is not None:
        checked(name, "run")
    if model is not None:
        checked(model, "model")


def _environ(seed: int | None) -> dict[str, str]:
    if seed is None:
        return dict(os.environ)
    return {**os.environ, "PYTHONHASHSEED": str(seed), "SESTINA_SEED": str(seed)}


def _told(command: Sequence[str], name: str | None, model: str | None) -> dict[str, object]:
    """Returns what the next command needs to seal this run, should this process be killed."""
    words = withhold.words_without_secrets(command)
    return {"command": words, "name": name, "model": model, "began": when.now()}


def _around(
    repo: Repo,
    seen: Observation,
    settings: Settings,
    project: Path,
    name: str | None,
    model: str | None,
) -> Surroundings:
    from sestina.capture import machine
    from sestina.capture.grade import grade
    from sestina.verbs.withheld import variables

    return Surroundings(
        name=name,
        model=model,
        actor=default_actor(),
        grade=grade(seen),
        machine=machine.machine(seen.environ),
        git=machine.git(project),
        variables=variables(repo, seen, settings),
    )
