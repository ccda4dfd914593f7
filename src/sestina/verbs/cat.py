"""`cat`: one file of a run or version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput, NotFound
from sestina.kernel.ids import is_id
from sestina.records.answers_keeping import CatAnswer
from sestina.records.paths import ROOTS
from sestina.records.recipe import Recipe
from sestina.records.run import Run
from sestina.records.version import Version
from sestina.store import trees

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def cat(repo: Repo, name: str) -> CatAnswer:
    """Returns which blob `name` is; its bytes are `repo.contents.read(answer.id)`.

    `name` is `NAME:PATH`, as in `fraud:7:train.py` or `run/june:project:config.yaml`, or the id
    of a blob. A path without a root lies in the project. Raises NotFound.
    """
    if is_id(name) or "/" not in name and ":" not in name:
        target = repo.refs.resolve(name)
        if target.kind != "blob":
            raise _needs_path(name)
        return CatAnswer(path=None, id=target.id, size=repo.contents.size(target.id))
    owner, logical = split_name(name)
    for tree in trees_of(repo, owner):
        leaf = trees.read(repo, tree, logical)
        if leaf is not None:
            return CatAnswer(path=leaf.path, id=leaf.id, size=leaf.size)
    raise _no_file(repo, owner, logical)


def split_name(name: str) -> tuple[str, str]:
    """Returns the owner and the logical path in `NAME:PATH`; raises InvalidInput.

    >>> split_name("fraud:7:train.py"), split_name("run/june:home:.cache/a")
    (('fraud:7', 'project:train.py'), ('run/june', 'home:.cache/a'))
    """
    owner, colon, rest = name.partition(":")
    number, second, path = rest.partition(":")
    if number.isdigit() and second:
        owner, rest = f"{owner}:{number}", path
    elif number.isdigit() and not second:
        raise _needs_path(name)
    if not colon or not rest:
        raise _needs_path(name)
    root, has_root, _ = rest.partition(":")
    return owner, rest if has_root and root in ROOTS else f"project:{rest.removeprefix('./')}"


def trees_of(repo: Repo, name: str) -> Iterator[str]:
    """Yields the top trees of a run, version or recipe: its outputs first, then what it used."""
    target = repo.refs.resolve(name)
    if target.kind == "version":
        version = repo.records.get(target.id, Version)
        yield version.files
        if version.run is None:
            return
        run: Run | None = repo.records.get(version.run, Run)
    else:
        run = repo.records.get(target.id, Run) if target.kind == "run" else None
    if run is not None:
        yield run.outputs
    recipe = run.recipe if run is not None else target.id
    held = repo.records.get(recipe, Recipe)
    for ref in (held.code, held.data, held.params):
        record = repo.records.get_any(ref.record)
        yield record.files


def _needs_path(name: str) -> InvalidInput:
    return InvalidInput(
        "invalid-input/path",
        f"'{name}' names no file",
        why="a file is NAME:PATH, as in fraud:7:train.py, or the id of a blob",
        hint=f"sestina show {name}" if ":" in name or "/" in name else "sestina log",
    )


def _no_file(repo: Repo, owner: str, logical: str) -> NotFound:
    import difflib

    known = [leaf.path for tree in trees_of(repo, owner) for leaf in trees.walk(repo, tree)]
    near = difflib.get_close_matches(logical, known, n=1)
    return NotFound(
        "not-found/file",
        f"'{owner}' has no file '{logical.removeprefix('project:')}'",
        why=f"did you mean '{near[0].removeprefix('project:')}'?" if near else None,
        hint=f"sestina show {owner} --files",
    )
