"""Files and spans on their way out of the store, never beyond the folder they are restored into.

Names in a record come from outside: a `..`, a slash, or a link that stands where a folder should
be would lead elsewhere. Each is refused by name before anything is written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.errors import Refused, Unavailable
from sestina.ingredients.cuts import fill
from sestina.kernel import escape
from sestina.kernel.ids import BlobId, RecordId
from sestina.records.ingredient import Span
from sestina.records.paths import split
from sestina.store import trees
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from sestina.store.repo import Repo

OUTSIDE = b".outside"


def place(tree: RecordId, repo: Repo, into: Path) -> None:
    """Writes the files of a tree below `into`: exact bytes, exec bit, links.

    Files of the project go to `into` itself, those of another root to `into/.outside/<root>/`.
    Files already there are replaced. Raises Refused for a name that leads outside, and, once
    everything else is written, Unavailable for files whose bytes this repo does not hold.
    """
    put(trees.walk(repo, tree), repo, into)


def put(leaves: Iterable[Leaf], repo: Repo, into: Path) -> None:
    """Writes files below `into`, as `place` does those of a tree."""
    folder = _Folder(into)
    lacking = []
    for leaf in leaves:
        if repo.contents.has(BlobId(leaf.id)):
            _write(leaf, repo, folder)
        else:
            lacking.append(leaf)
    if lacking:
        raise _not_held(lacking)


def unheld(tree: RecordId, repo: Repo) -> tuple[Leaf, ...]:
    """Returns the files of a tree whose bytes this repo does not hold."""
    return tuple(leaf for leaf in trees.walk(repo, tree) if not repo.contents.has(BlobId(leaf.id)))


def refill(spans: Iterable[Span], repo: Repo, into: Path) -> None:
    """Puts spans back where their placeholders stand, in those of their files that are present.

    A span that is withheld, or was purged, leaves its placeholder, a named blank.
    """
    folder = _Folder(into)
    for file, held in groupby(sorted(spans, key=lambda span: span.file), lambda span: span.file):
        path = folder.below(file)
        if not path or not stat.S_ISREG(_kind(path)):
            continue
        with open(path, "rb") as opened:
            text = before = opened.read()
        for span in held:
            if span.blob is not None and repo.contents.has(span.blob):
                text = fill(text, span.placeholder, repo.contents.read(span.blob))
        if text != before:
            with open(path, "wb") as opened:
                opened.write(text)


class _Folder:
    """The target of a restore; hands out paths that cannot lie outside it."""

    def __init__(self, into: Path):
        self._top = os.path.realpath(os.fsencode(into))
        self._sound: set[bytes] = set()

    def ready(self, logical: str) -> bytes:
        """Returns where a file goes, the folders above it made."""
        return self._path(logical, make=True)

    def below(self, logical: str) -> bytes | None:
        """Returns where a file is, None where a folder above it is missing or is a link."""
        try:
            return self._path(logical, make=False)
        except (Refused, FileNotFoundError):
            return None

    def _path(self, logical: str, *, make: bool) -> bytes:
        parts = _parts(logical)
        path = self._top
        self._folder(path, logical, make=make)
        for part in parts[:-1]:
            path = os.path.join(path, part)
            self._folder(path, logical, make=make)
        return os.path.join(path, parts[-1])

    def _folder(self, path: bytes, logical: str, *, make: bool) -> None:
        if path in self._sound:
            return
        if make:
            try:
                os.mkdir(path) if path != self._top else os.makedirs(path, exist_ok=True)
            except FileExistsError:
                pass
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise _refused(logical, f"'{escape.to_text(path)}' is in the way and is not a folder")
        self._sound.add(path)


def _parts(logical: str) -> list[bytes]:
    try:
        root, rest = split(logical)
    except ValueError as error:
        raise _refused(logical, str(error)) from None
    parts = rest.split(b"/")
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise _refused(logical, "its name would lead outside the folder")
    return parts if root == "project" else [OUTSIDE, root.encode(), *parts]


def _write(leaf: Leaf, repo: Repo, folder: _Folder) -> None:
    path = folder.ready(leaf.path)
    kind = _kind(path)
    if stat.S_ISDIR(kind):
        raise _refused(leaf.path, "a folder is in the way")
    if kind:
        os.unlink(path)
    if leaf.mode == "link":
        os.symlink(repo.contents.read(BlobId(leaf.id)), path)
    else:
        to = Path(os.fsdecode(path))
        repo.contents.export(BlobId(leaf.id), to, executable=leaf.mode == "exec")


def _kind(path: bytes) -> int:
    """Returns the mode of what is there, 0 for nothing; a link is a link."""
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return 0


def _refused(logical: str, why: str) -> Refused:
    return Refused("refused/outside", f"'{logical}' is not restored", why=why)


def _not_held(lacking: Sequence[Leaf]) -> Unavailable:
    size = sum(leaf.size for leaf in lacking)
    return Unavailable(
        "unavailable/contents",
        f"{len(lacking)} files ({size} bytes) are not held by this repo, the first is "
        f"'{lacking[0].path}'",
        why="they were over the size cap, or purged; everything else is restored",
    )
