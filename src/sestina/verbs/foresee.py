"""Changed files as the ingredients would see them: gathered beside the store, then compared.

The bytes of before and of now go through the same claims, gather and diff as two runs would, in a
repo in memory; so a changed key is told as that key, and formatting is told as cosmetic.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.capture.secrets import is_dotenv
from sestina.capture.withheld import safe_bytes
from sestina.errors import SestinaError
from sestina.ingredients import claims
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.shelf import ORDER
from sestina.records.answers import Change, Place
from sestina.records.observation import FileKind, Observation, SeenFile
from sestina.records.paths import Roots, split
from sestina.records.settings import Settings, covering
from sestina.verbs import workspace
from sestina.verbs.cat import opened

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_LARGEST = 64 << 20
_INGREDIENTS = ("code", "data", "features", "params", "seed")
_KINDS: dict[bytes, FileKind] = {
    b".py": "code", b".sh": "code", b".ipynb": "code", b".r": "code",
    b".yaml": "config", b".yml": "config", b".toml": "config", b".ini": "config",
    b".cfg": "config", b".json": "config",
}  # fmt: skip


def foresee(
    repo: Repo,
    recipe_id: str,
    changed: Iterable[tuple[str, FileKind, str | None]],
    appeared: Iterable[str],
    roots: Roots,
) -> list[Change]:
    """Returns the changes in files, by ingredient.

    `changed` are (path, kind, id now or None), `appeared` paths that the run looked for in vain.
    """
    whole: list[Change] = []
    before: list[SeenFile] = []
    after: list[SeenFile] = []
    settings = workspace.settings(Path(os.fsdecode(roots.project)))
    with tempfile.TemporaryDirectory(prefix="sestina-") as folder:
        for number, (path, kind, now) in enumerate(changed):
            old = os.path.join(os.fsencode(folder), str(number).encode())
            real = roots.absolute(path)
            if not _copy(repo, f"{recipe_id}:{path}", old) or _size(real) > _LARGEST:
                whole.append(_plain(path, kind, now))
                continue
            before.append(_seen(path, kind, old))
            if now is not None:
                after.append(_seen(path, kind, _safe(path, kind, real, old + b"-now", settings)))
        for path in appeared:
            real = roots.absolute(path)
            if os.path.isfile(real) and _size(real) <= _LARGEST:
                after.append(_seen(path, _kind(path), real))
        return [*_compared(before, after, roots), *whole]


def _kind(path: str) -> FileKind:
    name = split(path)[1]
    return (
        "dotenv"
        if is_dotenv(b"/" + name)
        else _KINDS.get(os.path.splitext(name)[1].lower(), "data")
    )


def _compared(before: list[SeenFile], after: list[SeenFile], roots: Roots) -> list[Change]:
    from sestina.store.repo import Repo as Scratch

    settings = workspace.settings(Path(os.fsdecode(roots.project)))
    changes: list[Change] = []
    with Scratch.open("memory:") as scratch:
        parts = [claims.split(_observation(files, roots), settings) for files in (before, after)]
        for room in ORDER:
            if room.name in _INGREDIENTS:
                a, b = (room.gather(part[room.name], scratch).record for part in parts)
                if a != b:
                    changes += room.diff(a, b, scratch).changes
    return changes


def _observation(files: list[SeenFile], roots: Roots) -> Observation:
    return Observation(
        argv=(), script=0, folder="project:", roots=roots, environ={}, files=tuple(files)
    )


def _seen(path: str, kind: FileKind, at: bytes) -> SeenFile:
    status = os.stat(at)
    return SeenFile(
        path=path,
        real=at,
        at=at,
        kind=kind,
        rule="status",
        size=status.st_size,
    )


def _safe(path: str, kind: FileKind, real: bytes, copy: bytes, settings: Settings) -> bytes:
    """Returns where the bytes lie that a run would keep: a copy, where tokens are withheld."""
    if kind not in ("code", "config") or covering(settings.allow, as_in_settings(path)):
        return real
    safe = safe_bytes(real)
    if safe is None:
        return real
    with open(copy, "xb") as file:
        file.write(safe)
    return copy


def _copy(repo: Repo, name: str, to: bytes) -> bool:
    """Returns whether the file's earlier bytes are held here and now lie at `to`."""
    try:
        with opened(repo, name)[1] as source:
            data = source.read(_LARGEST + 1)
    except SestinaError:
        return False
    if len(data) > _LARGEST:
        return False
    with open(to, "wb") as file:
        file.write(data)
    return True


def _size(path: bytes) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _plain(path: str, kind: FileKind, now: str | None) -> Change:
    return Change(
        ingredient=claims.OWNERS[kind],
        place=Place(kind="file", path=path, name=None),
        before=None,
        after=now,
        kind="removed" if now is None else "changed",
    )
