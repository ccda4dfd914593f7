"""Runs left by a sestina that was killed, or that could not seal: sealed by the next writer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sestina.capture.grade import grade
from sestina.errors import InvalidInput, SestinaError
from sestina.ingredients.shelf import ORDER
from sestina.kernel import when
from sestina.kernel.ids import short
from sestina.records.entry import Effect
from sestina.records.ingredient import IngredientRef
from sestina.records.observation import Observation
from sestina.records.paths import Roots
from sestina.records.recipe import Recipe
from sestina.records.run import Run
from sestina.records.settings import Settings
from sestina.store import trees
from sestina.store.commit import default_actor
from sestina.verbs import facts, seal, spool, workspace

if TYPE_CHECKING:
    from sestina.store.live import Live
    from sestina.store.repo import Repo

_GAP = "sestina was killed before the command had ended"


def seal_stale(repo: Repo) -> Iterator[str]:
    """Yields a line for people per run that an earlier command left and that is now sealed.

    What cannot be sealed now (a full disk) stays where it is for the command after this one.
    """
    for live in spool.stale(repo):
        try:
            waiting = spool.read(live)
            run = _interrupted(repo, live) if waiting is None else _late(repo, waiting)
        except (SestinaError, OSError) as error:
            repo.drop()
            live.release()
            why = error.what if isinstance(error, SestinaError) else error
            yield f"a run that an earlier command left cannot be sealed yet: {why}"
            continue
        live.close()
        how = "interrupted" if waiting is None else "late"
        yield f"sealed a run that an earlier command left ({how}): run/{short(run)}"


def _late(repo: Repo, waiting: spool.Spooled) -> str:
    try:
        settings = workspace.settings(Path(os.fsdecode(waiting.seen.roots.project)))
    except InvalidInput:
        settings = Settings()
    seen = spool.unchanged(waiting)
    around = waiting.around if seen == waiting.seen else replace(waiting.around, grade=grade(seen))
    return seal.seal(repo, seen, settings, around).run


def _interrupted(repo: Repo, live: Live) -> str:
    """Returns the run of a supervisor that was killed: nobody saw what its command did."""
    info = live.info
    seen = _unseen(repo, live, info)
    recipe = seal.gathered(repo, seen, Settings())
    refs = {room.name: getattr(recipe, room.name) for room in ORDER}
    lost = {name: IngredientRef(record=ref.record, custody="missing") for name, ref in refs.items()}
    name = info.get("name") if isinstance(info.get("name"), str) else None
    table = facts.assemble(
        repo, seen, name=name, outputs={}, machine=(), git=(), variables=(), notes=()
    )
    run = repo.records.add(
        Run(
            recipe=repo.records.add(Recipe(**lost)),
            outputs=trees.build(repo, ()),
            metrics=(),
            facts=repo.records.add(replace(table, gaps=(_GAP,), cost=())),
            grade=f"partial (interrupted) - {_GAP}",
            exit=None,
            began=seen.began,
            ended=seen.ended,
            actor=default_actor(),
        )
    )
    effects = [Effect(kind="run", name=run, number=None, record=run)]
    if name is not None:
        effects.append(Effect(kind="name", name=name, number=None, record=run))
    repo.commit("run", effects)
    return run


def _unseen(repo: Repo, live: Live, info: dict[str, Any]) -> Observation:
    words = info.get("command")
    argv = tuple(map(str, words)) if isinstance(words, list) else ()
    last = max((path.stat().st_mtime_ns for path in live.folder.rglob("*")), default=0)
    began = str(info.get("began") or when.from_ns(last))
    return Observation(
        argv=argv,
        script=len(argv),
        folder="project:",
        roots=Roots(project=os.fsencode(repo.workspace)),
        environ={},
        files=(),
        gaps=(_GAP,),
        began=began,
        ended=max(when.from_ns(last), began),
    )
