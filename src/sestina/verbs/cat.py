"""`cat`: one file of a run or version, as it was."""

from __future__ import annotations

import io
import shlex
from typing import TYPE_CHECKING, BinaryIO

from sestina.errors import InvalidInput, NotFound
from sestina.ingredients.cuts import fill
from sestina.kernel.ids import blob_id
from sestina.records.answers_keeping import CatAnswer
from sestina.records.paths import ROOTS
from sestina.store import trees
from sestina.verbs.bearer import Bearer, bearer

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def cat(repo: Repo, name: str) -> CatAnswer:
    """Returns a file, its bytes in memory (`opened` gives a stream instead).

    `name` is `NAME:PATH`, as in `fraud:7:train.py` or `run/june:project:config.yaml`, or the id
    of a blob. A path without a root lies in the project. Raises NotFound.
    """
    path, stream = opened(repo, name)
    with stream:
        data = stream.read()
    return CatAnswer(path=path, id=blob_id(data), size=len(data), data=data)


def opened(repo: Repo, name: str) -> tuple[str | None, BinaryIO]:
    """Returns the logical path of a file, if it was asked for by one, and its verified bytes."""
    if ":" not in name:
        target = repo.refs.resolve(name)
        if target.kind != "blob":
            raise _needs_path(name)
        return None, repo.contents.open(target.id)
    owner, logical = split_name(name)
    held = bearer(repo, owner)
    for part, tree in held.trees(repo):
        leaf = trees.read(repo, tree, logical)
        if leaf is not None:
            if part in ("code", "params"):
                return logical, _whole(repo, held, leaf)
            return logical, repo.contents.open(leaf.id)
    raise no_file(repo, held, logical)


def split_name(name: str) -> tuple[str, str]:
    """Returns the owner and the logical path in `NAME:PATH`; raises InvalidInput.

    >>> split_name("fraud:7:train.py"), split_name("run/june:home:.cache/a")
    (('fraud:7', 'project:train.py'), ('run/june', 'home:.cache/a'))
    """
    owner, _, rest = name.partition(":")
    number, second, path = rest.partition(":")
    if number.isdigit():
        owner, rest = f"{owner}:{number}", path if second else ""
    if not owner or not rest:
        raise _needs_path(name)
    root, has_root, below = rest.partition(":")
    if rest.startswith("/") or root == "abs":
        return owner, "abs:" + (below if has_root and root == "abs" else rest).lstrip("/")
    return owner, rest if has_root and root in ROOTS else f"project:{rest.removeprefix('./')}"


def _whole(repo: Repo, held: Bearer, leaf: trees.Leaf) -> BinaryIO:
    """Returns a file with the spans that other ingredients hold put back."""
    data = repo.contents.read(leaf.id)
    for span in held.spans(repo, leaf.path):
        if span.blob is not None:
            data = fill(data, span.placeholder, repo.contents.read(span.blob))
    return io.BytesIO(data)


def _needs_path(name: str) -> InvalidInput:
    owner = shlex.quote(name.rstrip(":"))
    return InvalidInput(
        "invalid-input/path",
        f"'{name}' names no file",
        why="a file is NAME:PATH, as in fraud:7:train.py, or the id of a blob",
        hint=f"sestina show {owner} --files" if ":" in name or "/" in name else "sestina log",
    )


def no_file(repo: Repo, held: Bearer, logical: str) -> NotFound:
    """Returns the error for a file that is not there, with the nearest that is."""
    import difflib

    known = [leaf.path for _, tree in held.trees(repo) for leaf in trees.walk(repo, tree)]
    near = difflib.get_close_matches(logical, known, n=1)
    return NotFound(
        "not-found/file",
        f"'{held.name}' has no file '{logical.removeprefix('project:')}'",
        why=f"did you mean '{near[0].removeprefix('project:')}'?" if near else None,
        hint=f"sestina show {held.name} --files",
    )
