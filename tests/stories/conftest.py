"""A user's folder in which real commands are run, for the stories."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sestina.records.recipe import Recipe
from sestina.records.run import Run
from sestina.store.repo import Repo

INGREDIENTS = ("code", "data", "features", "params", "env", "seed")


@dataclass
class Project:
    """A folder, and the environment in which its commands run."""

    folder: Path
    environ: dict[str, str]

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def command(self, *words: str | bytes, **variables: str) -> subprocess.CompletedProcess[str]:
        """Returns what a command printed, run in the folder; words[0] `python` is this Python."""
        return subprocess.run(
            [sys.executable if word == "python" else word for word in words],
            cwd=self.folder,
            env={**self.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=120,
            check=False,
        )

    def sestina(self, *words: str | bytes, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.command("python", "-m", "sestina", *words, **variables)

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Returns what `sestina run -- WORDS` printed; fails the test unless it exits with 0."""
        words = tuple(sys.executable if word == "python" else word for word in words)
        done = self.sestina("run", "--", *words, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def repo(self) -> Repo:
        return Repo.open(self.folder, read_only=True)

    def last(self) -> Run:
        """Returns the newest run's record."""
        with self.repo() as repo:
            record: Run = repo.records.get(repo.refs.runs()[0].id, Run)
            return record

    def recipe(self) -> Recipe:
        """Returns the recipe of the newest run."""
        with self.repo() as repo:
            record: Recipe = repo.records.get(self.last().recipe, Recipe)
            return record

    def ids(self) -> dict[str, str]:
        """Returns the record id of each ingredient of the newest run."""
        recipe: Any = self.recipe()
        return {name: getattr(recipe, name).record for name in INGREDIENTS}


def new_project(folder: Path, cache: Path) -> Project:
    """Returns a project in `folder`, with a cache of its own and no variables of the test run."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TMPDIR")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return Project(folder, {**environ, "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Returns an empty project in a folder of its own."""
    return new_project(tmp_path / "work", tmp_path / "cache")


@pytest.fixture
def another(tmp_path: Path) -> Project:
    """Returns a second project elsewhere on the machine, with the same cache."""
    return new_project(tmp_path / "elsewhere" / "copy", tmp_path / "cache")
