"""A small project with a history, made by real runs once for all tests of the verbs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sestina.store.repo import Repo

PREPARE = """\
import sys
rows = open("raw.csv").read().split()
open("clean.csv", "w").write("\\n".join(rows[: int(sys.argv[1])]))
"""
TRAIN = """\
import argparse, json, os, pickle
import tomllib
import features
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.5)
parser.add_argument("--rounds", type=int, default=3)
options = parser.parse_args()
config = tomllib.load(open("config.toml", "rb"))
rows = open("clean.csv").read().split()
os.environ.get("API_TOKEN")
total = sum(features.double(int(row)) for row in rows) * options.rate * config["depth"]
pickle.dump({"total": total}, open("model.pkl", "wb"))
json.dump({"total": total, "test": {"rows": len(rows)}}, open("metrics.json", "w"))
"""
FEATURES = "def double(value):\n    return value * 2\n"
SETTINGS = 'features = ["features.py"]\n[models.fraud]\nprimary = "total"\n'


@dataclass
class Project:
    folder: Path
    environ: dict[str, str]

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def sestina(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sestina", *words],
            cwd=self.folder,
            env={**self.environ, **variables},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    def run(self, *words: str, **variables: str) -> str:
        done = self.sestina("run", *words, **variables)
        assert done.returncode == 0, done.stderr
        return done.stderr


def new_project(top: Path) -> Project:
    folder = top / "work"
    folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return Project(folder, {**kept, "XDG_CACHE_HOME": str(top / "cache")})


@pytest.fixture
def sources() -> dict[str, str]:
    """Returns the texts that january was made from."""
    return {"train.py": TRAIN, "features.py": FEATURES}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


@pytest.fixture(scope="package")
def history(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """January and June: data, a feature, a parameter, a seed and a comment differ."""
    project = new_project(tmp_path_factory.mktemp("history"))
    for name, text in {
        "prepare.py": PREPARE,
        "train.py": TRAIN,
        "features.py": FEATURES,
        "config.toml": "depth = 3\n",
        "raw.csv": "1\n2\n3\n4\n",
        "sestina.toml": SETTINGS,
    }.items():
        project.write(name, text)
    python = sys.executable
    project.run("--name", "january-data", "--", python, "prepare.py", "2")
    train = ("--", python, "train.py", "--rate", "0.5")
    project.run("--model", "fraud", "--name", "january", *train, API_TOKEN="first-one")
    project.run("--name", "june-data", "--", python, "prepare.py", "4")
    project.write("features.py", FEATURES.replace("* 2", "* 3"))
    project.write("train.py", TRAIN + "# tidied\n")
    june = ("--seed", "7", "--", python, "train.py", "--rate", "0.7")
    project.run("--model", "fraud", "--name", "june", *june, API_TOKEN="second")
    return project


@pytest.fixture
def repo(history: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repo]:
    """Returns the history's repo, opened for reading, with its own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", history.environ["XDG_CACHE_HOME"])
    with Repo.open(history.folder, read_only=True) as opened:
        yield opened
