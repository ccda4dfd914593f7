"""Runs programs with and without the hook, in every Python that this machine has."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sestina.capture import testimony
from sestina.capture.hooking import environment
from sestina.records.testimony import Testimony

MINORS = (8, 11, 12, 13)


def python(minor: int) -> str | None:
    """Returns a Python 3.`minor`, from PATH or from where version managers keep them."""
    homes = [os.environ.get("PYENV_ROOT", ""), os.path.expanduser("~/.pyenv")]
    pattern = f"versions/3.{minor}.*/bin/python3"
    kept = [found for home in homes if home for found in glob.glob(os.path.join(home, pattern))]
    if sys.version_info[:2] == (3, minor):
        return sys.executable
    return kept[0] if kept else shutil.which(f"python3.{minor}")


@pytest.fixture(params=MINORS, ids=lambda minor: f"3.{minor}")
def any_python(request: pytest.FixtureRequest) -> str:
    found = python(request.param)
    if found is None:
        pytest.skip(f"no Python 3.{request.param} here")
    return found


@dataclass
class Ran:
    code: int
    out: str
    err: str
    told: Testimony
    folder: Path


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program under the hook: `run(source, *argv, python=…, flags=[…], env={…})`."""

    def under_the_hook(
        source: str,
        *argv: str,
        python: str = sys.executable,
        flags: tuple[str, ...] = (),
        env: dict[str, str] | None = None,
        hooked: bool = True,
        opens: bool = False,
        trace_seed: bool = False,
    ) -> Ran:
        folder = tmp_path / "told"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        script = tmp_path / "train.py"
        script.write_text(textwrap.dedent(source), "utf-8")
        around = {**os.environ, **(env or {})}
        if hooked:
            around = environment(
                around, folder=folder, run="r1", opens=opens, trace_seed=trace_seed
            )
        done = subprocess.run(
            [python, *flags, str(script), *argv],
            env=around, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        told = testimony.read(folder)
        return Ran(done.returncode, done.stdout, done.stderr, told, folder)

    return under_the_hook


@pytest.fixture
def told(run: Run) -> Callable[..., Testimony]:
    """Runs a program that must succeed in silence on stderr, and returns what it told."""

    def must_succeed(source: str, *argv: str, **options: object) -> Testimony:
        ran = run(source, *argv, **options)
        assert (ran.code, ran.err) == (0, "")
        assert ran.told.damaged_lines == 0
        return ran.told

    return must_succeed
