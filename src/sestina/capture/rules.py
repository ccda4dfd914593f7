"""The rules that decide what a file was to a run, in order; the first that speaks decides.

A rule looks at one life and the scene and returns (kind, its own name with the reason), or None.
`None` as the kind drops the file: it is sestina's own. The name is stored with the file, so that
`sestina show RUN --files` can say why.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from sestina.capture import places
from sestina.capture.lives import Life
from sestina.capture.scene import Scene, lies_in
from sestina.capture.secrets import denied, is_dotenv
from sestina.records.observation import FileKind
from sestina.records.paths import is_within

MAX_CONFIG = 1 << 20
Decision = tuple[FileKind | None, str]
Rule = Callable[[Life, Scene], Decision | None]


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


# --- read: what was there before the run ---------------------------------------------------------


def _only_printed(life: Life, scene: Scene) -> Decision | None:
    if life.path in scene.streams and life.updated:
        return None, "what the run printed: given for reading too, and not read"
    return None


def _user(life: Life, scene: Scene) -> Decision | None:
    for kind, patterns in _user_patterns(scene):
        pattern = scene.covered(patterns, life.path)
        if pattern:
            return kind, f"settings: '{pattern}'"
    return None


def _dotenv(life: Life, scene: Scene) -> Decision | None:
    return ("dotenv", "variables: .env by its name") if is_dotenv(life.path) else None


def _system(life: Life, scene: Scene) -> Decision | None:
    if scene.in_project(life.path):
        return None
    if places.SYSTEM.match(life.path) or places.SYSTEM.match(scene.true(life.path)):
        return "system", "operating system"
    if is_within(life.path, scene.roots.home):
        below = life.path[len(scene.roots.home.rstrip(b"/")) :]
        if places.TOOL_SETTINGS.match(below):
            return "system", "a tool's settings"
    return None


def _tracker(life: Life, scene: Scene) -> Decision | None:
    return ("scratch", "a tracker's own books") if places.TRACKER.search(life.path) else None


def _environment(life: Life, scene: Scene) -> Decision | None:
    path = life.path
    if places.INSTALLED.search(path):
        return "distribution", "installed distribution"
    inside = scene.in_prefix(path) or scene.in_prefix(scene.beside(path))
    if places.STANDARD_LIBRARY.search(path) and (inside or not scene.in_project(path)):
        return "distribution", "standard library"
    if places.INTERPRETER.search(path) and (inside or not scene.in_project(path)):
        return "distribution", "interpreter"
    if not inside:
        return None
    if life.executed or places.SHARED_LIBRARY.search(path):
        return "library", "program or library of the environment"
    return "distribution", "environment's own file"


def _library(life: Life, scene: Scene) -> Decision | None:
    if scene.in_project(life.path):
        return None
    if life.executed and not _is_script(life.path):
        return "library", "system program"
    if places.SHARED_LIBRARY.search(life.path):
        return "library", "system library"
    if places.LIBRARY.match(life.path) or places.LIBRARY.match(scene.true(life.path)):
        return "library", "system file"
    return None


def _executed(life: Life, scene: Scene) -> Decision | None:
    if life.executed:
        return "code", "code: executed"
    if life.path in scene.sources:
        return "code", "code: imported"
    if life.path in scene.scripts:
        return "code", "code: named to an interpreter"
    return None


def _config(life: Life, scene: Scene) -> Decision | None:
    if places.PACKAGING.search(life.path):
        return "config", "config: packaging"
    if not places.CONFIG.search(life.path) or (life.opened and life.opened[2] >= MAX_CONFIG):
        return None
    if _in_data_folder(life, scene):
        return "data", "data: in a data folder"
    if life.path.endswith(b".json"):
        folder = os.path.dirname(life.path)
        if folder in scene.weights and folder != scene.roots.project:
            return "data", "data: beside weights"
        if _is_list(life):
            return "data", "data: a list of records"
    return "config", "config: by its name"


def _source(life: Life, scene: Scene) -> Decision | None:
    if _in_data_folder(life, scene):
        return None
    if places.SOURCE.search(life.path) or places.SOURCE_NAMED.search(life.path):
        return "code", "code: source by its name"
    if places.SHARED_LIBRARY.search(life.path):
        return "code", "code: library of the project"
    return None


def _data(life: Life, scene: Scene) -> Decision | None:
    return "data", "data: read"


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
READ: tuple[Rule, ...] = (
    _only_printed, _user, _tracker, _dotenv, _environment, _system, _library, _executed, _config,
    _source, _data,
)  # fmt: skip
INSTALLED: tuple[Rule, ...] = (_user, _environment)
WRITTEN: tuple[Rule, ...] = (_stream, _temporary, _written)


def is_installed(life: Life) -> bool:
    """Returns whether a file was only read and belongs to a distribution: the common case."""
    path = life.path
    if life.written or b"/__pycache__/" in path:
        return False
    return places.INSTALLED.search(path) is not None


def decide(rules: tuple[Rule, ...], life: Life, scene: Scene) -> Decision | None:
    """Returns what the first rule that speaks says."""
    for rule in rules:
        decision = rule(life, scene)
        if decision is not None:
            return decision
    return None


def _user_patterns(scene: Scene) -> tuple[tuple[FileKind, tuple[str, ...]], ...]:
    settings = scene.settings
    datasets = tuple(text for dataset in settings.datasets for text in dataset.patterns)
    return (
        ("code", settings.code),
        ("data", (*settings.data, *datasets)),
        ("config", tuple(text for text in settings.params if not text.endswith(".py"))),
    )


def _is_fetched(life: Life, scene: Scene) -> bool:
    if places.FETCHED.search(life.path):
        return not scene.in_prefix(life.path)
    return lies_in(life.path, scene.fetched)


def _in_data_folder(life: Life, scene: Scene) -> bool:
    below = scene.logical(life.path).partition(":")[2]
    return places.DATA_FOLDER.search(os.fsencode(below)) is not None


def _is_script(path: bytes) -> bool:
    return places.SOURCE.search(path) is not None


def _is_list(life: Life) -> bool:
    try:
        with open(life.kept or life.path, "rb") as file:
            return file.read(64).lstrip().startswith(b"[")
    except OSError:
        return False
