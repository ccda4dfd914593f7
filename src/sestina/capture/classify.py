"""From a trace to the files of an observation: what each path was to the run.

One path can be two things: an input as it was before the run and an output as it is after. It is
then there twice, the input with the copy that was kept of it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from sestina.capture import places
from sestina.capture.listings import WRITTEN, listing
from sestina.capture.lives import Life, Lives
from sestina.capture.observer import Stat
from sestina.capture.reading import INSTALLED, READ
from sestina.capture.rules import COMMON, decide, is_installed
from sestina.capture.rules import WRITTEN as OF_WRITTEN
from sestina.capture.scene import Decision, Scene
from sestina.capture.sightings import stat_of
from sestina.records.observation import INPUTS, FileKind, SeenFile

_ENVIRONMENT = ("distribution", "library", "system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What the paths of a trace were; every member sorted."""

    files: tuple[SeenFile, ...]
    listings: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    gaps: tuple[str, ...]


def classify(lives: Lives, scene: Scene, stale: Iterable[bytes] = ()) -> Classified:
    """Returns every file that the run touched, once as an input and once as an output at most.

    `stale` are sources known to have changed while the run went on.
    """
    files: dict[tuple[str, bool], SeenFile] = {}
    gaps: list[str] = []
    torn = set(stale)
    for life in lives.all():
        for seen in _sides(life, scene, life.path in torn):
            key = (seen.path, seen.kind in INPUTS)
            if key not in files or seen.at == seen.real:
                files[key] = seen
            if seen.torn and seen.kind in INPUTS:
                gaps.append(_torn(seen))
            if _is_pipe(life):
                gaps.append(f"{seen.path} is a pipe: what came through it was not captured")
    kinds = {(seen.path, seen.real): seen.kind for seen in files.values()}
    dropped = {path for path, kind in kinds if kinds[path, kind] == "secret"}
    return Classified(
        files=tuple(files[key] for key in sorted(files)),
        listings=tuple(sorted(_listings(lives, scene, files.values()))),
        absent=tuple(sorted(set(_absent(lives, scene)) - {path for path, _ in files} - dropped)),
        gaps=tuple(sorted(set(gaps))),
    )


def _sides(life: Life, scene: Scene, stale: bool) -> list[SeenFile]:
    if not (life.read or life.written or life.read_later or life.gone):
        return []
    after = life.after or stat_of(life.path)
    if not is_installed(life) or scene.is_own(life.path):
        common = decide(COMMON, life, scene)
        if common is not None:
            kind, rule = common
            at = life.path if after else b""
            return [] if kind is None else [_seen(life, scene, kind, rule, at, after, stale)]
    sides = []
    if life.read:
        sides += _as_input(life, scene, after, stale)
    if life.written or life.gone:
        sides += _as_output(life, scene, after)
    return sides


def _as_input(life: Life, scene: Scene, after: Stat | None, stale: bool) -> list[SeenFile]:
    began = life.opened[4] if life.opened else 0
    if after and not life.changed and (after[0], after[1]) in scene.written:
        if began >= scene.began:
            rule = "written under another name"
            return [_seen(life, scene, "intermediate", rule, life.path, after)]
        stale = True
    decision = decide(INSTALLED if is_installed(life) else READ, life, scene)
    if decision is None or decision[0] is None:
        return []
    at = _before(life, after)
    torn = stale or (at == life.path and _differs(life, after)) or not at
    return [_seen(life, scene, decision[0], decision[1], at, after, torn)]


def _as_output(life: Life, scene: Scene, after: Stat | None) -> list[SeenFile]:
    if life.link_made and not life.changed and os.path.lexists(life.path):
        return [_seen(life, scene, "output", "link made", life.path, after)]
    if after is None or not stat.S_ISREG(after[5]):
        rule = "moved away" if life.now else "gone at exit"
        seen = life.read and (life.now or not life.written)
        return [] if seen else [_seen(life, scene, "scratch", rule, b"", after)]
    if not life.written or (life.updated and not _differs(life, after)):
        return []  # a failed unlink; or opened for update and left as it was
    decision: Decision | None = decide(OF_WRITTEN, life, scene)
    assert decision is not None
    assert decision[0] is not None
    return [_seen(life, scene, decision[0], decision[1], life.path, after)]


def _seen(
    life: Life,
    scene: Scene,
    kind: FileKind,
    rule: str,
    at: bytes,
    after: Stat | None,
    torn: bool = False,
) -> SeenFile:
    real = _name(life.path, scene, kind)
    found = after if at == life.path else stat_of(at) if at else None
    link = _link(real) if kind == "output" and life.link_made and not life.changed else None
    return SeenFile(
        path=scene.logical(real),
        real=real,
        at=real if at == life.path else at,
        kind=kind,
        rule=rule,
        size=found[2] if found else life.opened[2] if life.opened and kind in INPUTS else 0,
        executable=bool(found and stat.S_ISREG(found[5]) and found[5] & 0o111),
        link=link,
        keep=kind not in ("secret", "system")
        and (not found or found[2] <= scene.settings.size_cap),
        torn=torn and kind in INPUTS,
        gone=found is None,
    )


def _name(path: bytes, scene: Scene, kind: FileKind) -> bytes:
    """Returns the path that names a file: of the environment its true one, else the one used."""
    if kind == "distribution":
        return scene.beside(path)
    if kind in _ENVIRONMENT and not places.PSEUDO.match(path):
        return scene.true(path)
    return scene.as_used(path)


def _before(life: Life, after: Stat | None) -> bytes:
    """Returns where the bytes lie that an input had before the run changed it, b"" for lost."""
    if life.kept:
        return life.kept
    if life.now and stat_of(life.now):
        return life.now
    if not life.written and after is not None:
        return life.path
    if life.updated and not _differs(life, after):
        return life.path
    return b""


def _differs(life: Life, after: Stat | None) -> bool:
    """Returns whether a file is not what it was when the run opened it.

    A hard link that the run made to it sets the time of change, so that one is not compared then.
    """
    if life.opened is None or after is None:
        return life.opened is not None
    compared = 4 if life.linked or life.updated else 5
    return life.opened[:compared] != after[:compared]


def _torn(seen: SeenFile) -> str:
    if not seen.at:
        return f"{seen.path} was read, and its bytes from before the run changed it are lost"
    return f"{seen.path} changed while the run went on"


def _is_pipe(life: Life) -> bool:
    if life.opened is None or not stat.S_ISFIFO(life.opened[5]):
        return False
    return life.read and not life.written and not places.PSEUDO.match(life.path)


def _link(path: bytes) -> bytes | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def _absent(lives: Lives, scene: Scene) -> Iterable[str]:
    for life in lives.all():
        if not life.missing or life.read or life.written or life.path.endswith(b".pyc"):
            continue
        decision = decide(COMMON, life, scene)
        if decision is None and scene.in_project(life.path) and not scene.in_prefix(life.path):
            yield scene.logical(scene.as_used(life.path))


def _listings(lives: Lives, scene: Scene, files: Iterable[SeenFile]) -> Iterable[tuple[str, str]]:
    wrote = {seen.real for seen in files if seen.kind in WRITTEN}
    for life in lives.all():
        if not life.listed or not scene.in_project(life.path) or scene.in_prefix(life.path):
            continue
        if decide(COMMON, life, scene) is None:
            identity = listing(life.path, wrote)
            if identity:
                yield scene.logical(scene.as_used(life.path)), identity
