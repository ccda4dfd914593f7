"""Promise: a fresh Linux with Python, git and make is enough, and the core install is small."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE_MEGABYTES = 40


def clean_environ() -> dict[str, str]:
    """Returns the environment of somebody who has just logged in."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        name: value for name, value in os.environ.items() if name.startswith("PIP_")
    }


def run(*words: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        words,
        cwd=folder,
        env=clean_environ() | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def clone(to: Path) -> Path:
    """Returns a clone with the files as they are now, committed or not, and nothing ignored."""
    listing = run("git", "ls-files", "-coz", "--exclude-standard", folder=ROOT).stdout
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def test_a_machine_without_a_recent_python_is_told_what_to_install(tmp_path: Path) -> None:
    old = tmp_path / "bin" / "python3"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", ROOT / ".ci" / "venv", tmp_path / "venv"],
        env={"PATH": str(old.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 8
    assert "python3 is Python 3.9.2" in done.stderr
    assert "apt-get install" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.services
@pytest.mark.timeout(600)
def test_pip_install_gives_the_command_and_little_else(tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "venv", folder=tmp_path)
    [packages] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    before = size(packages)
    run("venv/bin/pip", "install", "--quiet", ROOT, folder=tmp_path)
    megabytes = (size(packages) - before) / 1e6
    print(f"core install: {megabytes:.1f} MB")
    assert megabytes < CORE_MEGABYTES
    assert run("venv/bin/sestina", "--version", folder=tmp_path).stdout.startswith("sestina ")
    project = tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text("open('model.txt', 'w').write('7')\n")
    cache = str(tmp_path / "cache")
    sestina = tmp_path / "venv/bin/sestina"
    run(sestina, "run", "--", "python3", "train.py", folder=project, XDG_CACHE_HOME=cache)
    run(sestina, "check", folder=project, XDG_CACHE_HOME=cache)
    assert (project / "model.txt").read_text() == "7"


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.services
@pytest.mark.timeout(900)
def test_make_demo_is_all_that_a_fresh_clone_needs(tmp_path: Path) -> None:
    here = clone(tmp_path / "sestina")
    told = run("make", "demo", folder=here).stdout
    assert "sestina diff delays:1 delays:2" in told
    again = run("make", "demo", folder=here)
    assert "installing" not in again.stdout
    run(here / ".venv/bin/sestina", "check", folder=here / "sestina-demo")
