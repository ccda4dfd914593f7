"""The rules for what was there before the run, in order: which kind of input a file was.

See `rules` for what a rule is.
"""

from __future__ import annotations

import os

from sestina.capture import places
from sestina.capture.lives import Life
from sestina.capture.scene import Decision, Rule, Scene
from sestina.capture.secrets import is_dotenv
from sestina.records.observation import FileKind
from sestina.records.paths import is_within

MAX_CONFIG = 1 << 20


def _only_printed(life: Life, scene: Scene) -> Decision | None:
    if life.path in scene.streams and life.updated:
        return None, "what the run printed: given for reading too, and not read"
    return None


def _asked(life: Life, scene: Scene) -> Decision | None:
    if life.pids and life.pids <= scene.asking and not scene.in_project(life.path):
        return "system", "used only by a program that asks about the machine"
    return None


def _user(life: Life, scene: Scene) -> Decision | None:
    settings = scene.settings
    if not (settings.code or settings.data or settings.datasets or settings.params):
        return None
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
    beside = scene.beside(path)
    inside = scene.in_prefix(path) or (beside != path and scene.in_prefix(beside))
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
    if life.changed:
        return "data", "data: what an earlier run wrote, as this one wrote it anew"
    if life.path.endswith(b".json"):
        folder = os.path.dirname(life.path)
        if folder in scene.weights and folder != scene.roots.project:
            return "data", "data: beside weights"
        if _is_list(life):
            return "data", "data: a list of records"
    return "config", "config: by its name"


def _source(life: Life, scene: Scene) -> Decision | None:
    if places.SOURCE.search(life.path) or places.SOURCE_NAMED.search(life.path):
        rule = "code: source by its name"
    elif places.SHARED_LIBRARY.search(life.path):
        rule = "code: library of the project"
    else:
        return None
    return None if _in_data_folder(life, scene) else ("code", rule)


def _data(life: Life, scene: Scene) -> Decision | None:
    return "data", "data: read"


READ: tuple[Rule, ...] = (
    _only_printed, _user, _asked, _tracker, _dotenv, _environment, _system, _library, _executed,
    _config, _source, _data,
)  # fmt: skip
INSTALLED: tuple[Rule, ...] = (_user, _environment)


def _user_patterns(scene: Scene) -> tuple[tuple[FileKind, tuple[str, ...]], ...]:
    settings = scene.settings
    datasets = tuple(text for dataset in settings.datasets for text in dataset.patterns)
    return (
        ("code", settings.code),
        ("data", (*settings.data, *datasets)),
        ("config", tuple(text for text in settings.params if not text.endswith(".py"))),
    )


def _in_data_folder(life: Life, scene: Scene) -> bool:
    below = scene.logical(life.path).partition(":")[2]
    return places.DATA_FOLDER.search(os.fsencode(below))


def _is_script(path: bytes) -> bool:
    return places.SOURCE.search(path) is not None


def _is_list(life: Life) -> bool:
    try:
        with open(life.kept or life.path, "rb") as file:
            return file.read(64).lstrip().startswith(b"[")
    except OSError:
        return False
