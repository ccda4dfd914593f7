"""Which folder a command is about: its project, its repo, and what its settings say."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput, NotFound, Refused

if TYPE_CHECKING:
    from sestina.records.settings import Settings

ROOT = Path("/")
REPO = ".sestina"
SETTINGS = "sestina.toml"
IGNORE = ".sestinaignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A project folder and its repo.

    `repo` is what `Repo.open` takes; `exists` is False where a run has to create it first.
    """

    project: Path
    repo: str
    exists: bool


def find(
    repo: str | None = None,
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Workspace:
    """Returns the workspace of a command that was given in the folder `start` (default: here).

    The repo is `repo`, else `SESTINA_REPO`, else the nearest parent with `.sestina`, else one that
    would be created beside the git root, or in the folder. Raises NotFound (`not-found/repo`)
    where a repo was named that is not there.
    """
    here = Path(os.path.realpath(start or Path.cwd()))
    named = repo or (os.environ if environ is None else environ).get("SESTINA_REPO")
    if named:
        return _named(named, here)
    for folder in (here, *here.parents):
        if (folder / REPO / "format").is_file():
            return Workspace(project=folder, repo=str(folder / REPO), exists=True)
    project = _root(here, (".git",)) or here
    return Workspace(project=project, repo=str(project / REPO), exists=False)


def existing(
    repo: str | None = None,
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Workspace:
    """Returns the workspace as `find` does; raises NotFound where it has no repo yet."""
    found = find(repo, start=start, environ=environ)
    if not found.exists:
        raise NotFound(
            "not-found/repo",
            f"no repo in '{found.project}' or any folder above it",
            why="a repo is a folder '.sestina'; 'run' creates one, 'init' too",
            hint="sestina init",
        )
    return found


def project_of(repo: Path) -> Path:
    """Returns the project whose settings count for a repo that is asked from anywhere.

    That is the folder that holds the repo, unless it is a repo of its own, beside no project.
    """
    beside = repo.parent
    here = Path(os.path.realpath(Path.cwd()))
    if here.is_relative_to(beside) or (beside / SETTINGS).is_file():
        return beside
    return _project(here)


def may_create(workspace: Workspace) -> None:
    """Raises Refused (`refused/folder`) where a repo must not be made without being asked for."""
    project = workspace.project
    if project == ROOT:
        why = "all of the machine would be the project"
    elif not os.access(project, os.W_OK):
        why = "the folder cannot be written to"
    elif project.stat().st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
        why = "the folder belongs to somebody else"
    else:
        return
    raise Refused(
        "refused/folder",
        f"no repo was created in '{project}'",
        why=why,
        hint="sestina run --repo ~/sestina -- COMMAND",
    )


def ignore_in_git(project: Path) -> bool:
    """Returns whether `.sestina/` had to be added to the `.gitignore` of a project under git."""
    if _root(project, (".git",)) is None:
        return False
    path = project / ".gitignore"
    try:
        held = path.read_bytes() if path.exists() else b""
        if any(line.strip().strip(b"/") == b".sestina" for line in held.splitlines()):
            return False
        gap = b"" if not held or held.endswith(b"\n") else b"\n"
        with path.open("ab") as file:
            file.write(gap + b".sestina/\n")
    except OSError:
        return False
    return True


def settings(project: Path) -> Settings:
    """Returns what `sestina.toml`, or `[tool.sestina]` in pyproject.toml, and `.sestinaignore` say.

    Raises InvalidInput (`invalid-input/settings`) naming the file and the key, or the line.
    """
    from sestina.records.settings import Settings, parse

    own, shared = project / SETTINGS, project / "pyproject.toml"
    if _is_file(own):
        said = parse(_toml(own), SETTINGS)
    elif _is_file(shared):
        tool = _toml(shared).get("tool", {})
        table = tool.get("sestina", {}) if isinstance(tool, dict) else {}
        said = parse(table, "pyproject.toml [tool.sestina]")
    else:
        said = Settings()
    return replace(said, ignore=(*_ignored(project / IGNORE), *said.ignore))


def _named(named: str, here: Path) -> Workspace:
    if "://" in named or named.startswith("memory:"):
        return Workspace(project=_project(here), repo=named, exists=True)
    path = Path(os.path.realpath(here / Path(named).expanduser()))
    repo = path if path.name == REPO or (path / "format").is_file() else path / REPO
    if not (repo / "format").is_file():
        raise NotFound(
            "not-found/repo",
            f"no repo at '{path}'",
            why=f"'{repo}' has no file 'format'",
            hint=f"sestina init {path}",
        )
    inside = here.is_relative_to(repo.parent) and repo.name == REPO
    inside = inside or here == ROOT  # else all of the machine would be the project
    return Workspace(project=repo.parent if inside else _project(here), repo=str(repo), exists=True)


def _project(here: Path) -> Path:
    return _root(here, (REPO, SETTINGS)) or _root(here, (".git",)) or here


def _root(here: Path, marks: tuple[str, ...]) -> Path | None:
    for folder in (here, *here.parents):
        if any((folder / mark).exists() for mark in marks):
            return folder
    return None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _toml(path: Path) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "invalid-input/settings", f"{path.name} is not TOML", why=str(error)
        ) from None


def _ignored(path: Path) -> tuple[str, ...]:
    if not _is_file(path):
        return ()
    lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    wanted = (line.rstrip() for line in lines if line.strip() and not line.startswith("#"))
    # as in .gitignore, a slash in front means this folder, not the machine's root
    return tuple(f".{line}" if line.startswith("/") else line for line in wanted)
