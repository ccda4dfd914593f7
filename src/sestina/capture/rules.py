"""The rules that decide what a file was to a run, in order; the first that speaks decides.

A rule looks at one life and the scene and returns (kind, its own name with the reason), or None.
`None` as the kind drops the file: it is sestina's own. The name is stored with the file, so that
`sestina show RUN --files` can say why.
"""

from __future__ import annotations

import os
import stat

from sestina.capture import places
from sestina.capture.lives import Life
from sestina.capture.scene import Decision, Rule, Scene, lies_in
from sestina.capture.secrets import denied
from sestina.records.paths import is_within

# --- whatever was done with it -------------------------------------------------------------------


def _own(life: Life, scene: Scene) -> Decision | None:
    return (None, "own") if scene.is_own(life.path) else None


def _pseudo(life: Life, scene: Scene) -> Decision | None:
    return ("system", "pseudo file") if places.PSEUDO.match(life.path) else None


def _unnamed(life: Life, scene: Scene) -> Decision | None:
    if life.path.endswith(b" (deleted)") and not os.path.lexists(life.path):
        return "system", "a file without a name"  # what a test harness gives as standard output
    return None


def _special(life: Life, scene: Scene) -> Decision | None:
    if life.opened and not stat.S_ISREG(life.opened[5]) and not stat.S_ISLNK(life.opened[5]):
        return "system", "not a regular file"
    return None


def _secret(life: Life, scene: Scene) -> Decision | None:
    true = scene.true(life.path)
    why = denied(life.path) or (denied(true) if true != life.path else None)
    if why and not scene.covered(scene.settings.allow, life.path):
        return "secret", f"secret: {why}"
    return None


def _ignored(life: Life, scene: Scene) -> Decision | None:
    pattern = scene.covered(scene.settings.ignore, life.path)
    return ("scratch", f"ignored by '{pattern}'") if pattern else None


def _shared_memory(life: Life, scene: Scene) -> Decision | None:
    if life.written and places.SHARED_MEMORY.match(life.path):
        return ("scratch" if os.path.lexists(life.path) else None), "shared memory"
    return None


def _git(life: Life, scene: Scene) -> Decision | None:
    return ("system", "version control's own") if places.GIT.search(life.path) else None


def _bookkeeping(life: Life, scene: Scene) -> Decision | None:
    if places.LOCK.search(life.path) and (life.written or (life.opened and not life.opened[2])):
        return "scratch", "lock"
    if _is_fetched(life, scene) and places.BOOKKEEPING.search(life.path):
        return "scratch", "bookkeeping of a download cache"
    return None


def _fetched(life: Life, scene: Scene) -> Decision | None:
    if not _is_fetched(life, scene):
        return None
    if life.read or life.read_later:
        return "data", "download cache: read by the run"
    return "scratch", "download cache: only written"


def _derived(life: Life, scene: Scene) -> Decision | None:
    if life.executed or (places.INSTALLED.search(life.path) and b"/__pycache__/" not in life.path):
        return None
    if lies_in(life.path, scene.derived) or places.DERIVED.search(life.path):
        return "scratch", "derived cache"
    return None


# --- written: what the run made ------------------------------------------------------------------


def _stream(life: Life, scene: Scene) -> Decision | None:
    if life.path in scene.streams and not scene.in_project(life.path):
        return "scratch", "what the run printed"
    return None


def _temporary(life: Life, scene: Scene) -> Decision | None:
    for folder in scene.temporary:
        if is_within(life.path, folder) and not scene.in_project(life.path):
            below = life.path[len(folder.rstrip(b"/")) :]
            return ("scratch", "temporary file") if places.TEMPORARY.match(below) else None
    return None


def _written(life: Life, scene: Scene) -> Decision | None:
    if life.read_later:
        return "intermediate", "written, then read"
    return "output", "written"


COMMON: tuple[Rule, ...] = (
    _own, _pseudo, _unnamed, _special, _secret, _ignored, _shared_memory, _git, _bookkeeping,
    _fetched, _derived,
)  # fmt: skip
WRITTEN: tuple[Rule, ...] = (_stream, _temporary, _written)


def is_installed(life: Life) -> bool:
    """Returns whether a file was only read and belongs to a distribution: the common case."""
    path = life.path
    if life.written or b"/__pycache__/" in path:
        return False
    return places.INSTALLED.search(path)


def decide(rules: tuple[Rule, ...], life: Life, scene: Scene) -> Decision | None:
    """Returns what the first rule that speaks says."""
    for rule in rules:
        decision = rule(life, scene)
        if decision is not None:
            return decision
    return None


def _is_fetched(life: Life, scene: Scene) -> bool:
    if places.FETCHED.search(life.path):
        return not scene.in_prefix(life.path)
    return lies_in(life.path, scene.fetched)
