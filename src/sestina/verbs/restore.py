"""`restore`: the exact bytes of a run or version, in a folder of their own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput, Refused, Unavailable
from sestina.ingredients.placing import place, unheld
from sestina.ingredients.shelf import ORDER
from sestina.kernel.ids import RecordId
from sestina.records.answers_keeping import RestoreAnswer
from sestina.records.ingredient import Setting, Span
from sestina.verbs.bearer import Bearer, bearer
from sestina.verbs.removed import removed

if TYPE_CHECKING:
    from sestina.store.repo import Repo

INGREDIENTS = tuple(room.name for room in ORDER)
GIVEN = ("model", "outputs")
_TOGETHER = {"code": ("code", "features", "params", "seed"), "params": ("params", "seed")}
"""Spans are filled in with their file: code without its functions is not its exact bytes."""


def restore(repo: Repo, name: str, *, into: str | Path, only: Iterable[str] = ()) -> RestoreAnswer:
    """Returns what was written below `into`, a new or empty folder.

    `only` are names of ingredients, `model`, or `outputs`; without it, all six ingredients and
    the model of a version. Files of the project come back under their own path, others under
    `.outside/<root>/`. What this repo does not hold is listed, not raised. Raises Refused for a
    folder that holds something, and Corrupt for damage; what was written until then is removed.
    """
    held = bearer(repo, name)
    parts = _parts(held, tuple(only))
    target = Path(into).expanduser().absolute()
    _prepare(target, held.name)
    try:
        missing = _written(repo, held, parts, target)
    except BaseException:
        _empty(target)  # a file that waits for its spans is not the file that was asked for
        raise
    files, size = _measure(target)
    return RestoreAnswer(
        name=held.name,
        into=str(target),
        parts=parts,
        files=files,
        size=size,
        missing=tuple(sorted(missing)),
        purged=tuple(file.name for file in _removed(repo, held) if file.name in missing),
        blanks=_blanks(repo, held, parts),
    )


def _removed(repo: Repo, held: Bearer) -> tuple[Setting, ...]:
    return removed(repo, held.recipe_id, held.run.outputs if held.run is not None else None)


def _written(repo: Repo, held: Bearer, parts: tuple[str, ...], target: Path) -> set[str]:
    missing: set[str] = set()
    for room in ORDER:
        if room.name in _filled(parts):
            missing |= _attempt(repo, held, room.name, target)
    for part, tree in held.trees(repo):
        if part in GIVEN and part in parts:
            missing |= _placed(repo, tree, target)
    return missing


def _empty(target: Path) -> None:
    import shutil

    for entry in os.scandir(target):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)


def _parts(held: Bearer, only: tuple[str, ...]) -> tuple[str, ...]:
    known = (*INGREDIENTS, *GIVEN)
    for part in only:
        if part not in known:
            raise InvalidInput(
                "invalid-input/part",
                f"'{part}' is not a part that can be restored",
                why=f"there are {', '.join(known)}",
            )
    if "model" in only and held.version is None:
        raise Refused(
            "refused/no-model",
            f"'{held.name}' has no model",
            why="it is no version; what its run wrote are its outputs",
            hint=f"sestina restore {held.name} --into restored --only outputs",
        )
    default = (*INGREDIENTS, "model") if held.version is not None else INGREDIENTS
    return tuple(part for part in known if part in (only or default))


def _filled(parts: tuple[str, ...]) -> set[str]:
    return {room for part in parts for room in _TOGETHER.get(part, (part,))}


def _prepare(target: Path, name: str) -> None:
    if os.path.lexists(target) and (not target.is_dir() or any(target.iterdir())):
        raise Refused(
            "refused/not-empty",
            f"'{target}' is not an empty folder",
            why="restore overwrites nothing",
            hint=f"sestina restore {name} --into {shlex.quote(f'{target}-restored')}",
        )
    target.mkdir(parents=True, exist_ok=True)


def _attempt(repo: Repo, held: Bearer, ingredient: str, target: Path) -> set[str]:
    room = next(room for room in ORDER if room.name == ingredient)
    record = getattr(held.recipe, ingredient).record
    try:
        room.restore(record, repo, target)
    except Unavailable:
        tree = getattr(repo.records.get_any(record), "files", None)
        if tree is None:
            raise
        return {leaf.path for leaf in unheld(tree, repo)}
    return set()


def _placed(repo: Repo, tree: str, target: Path) -> set[str]:
    try:
        place(RecordId(tree), repo, target)
    except Unavailable:
        return {leaf.path for leaf in unheld(RecordId(tree), repo)}
    return set()


def _blanks(repo: Repo, held: Bearer, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the spans whose bytes are not here: `file name`, for a person to fill in."""
    names = [name for name in ("features", "params", "seed") if name in _filled(parts)]
    spans = [
        span
        for name in names
        for span in repo.records.get_any(getattr(held.recipe, name).record).spans
    ]
    return tuple(sorted(f"{span.file} {span.name}" for span in spans if _is_blank(repo, span)))


def _is_blank(repo: Repo, span: Span) -> bool:
    return span.blob is None or not repo.contents.has(span.blob)


def _measure(target: Path) -> tuple[int, int]:
    count = size = 0
    for folder, _, files in os.walk(os.fsencode(target)):
        for name in files:
            count += 1
            size += os.lstat(os.path.join(folder, name)).st_size
    return count, size
