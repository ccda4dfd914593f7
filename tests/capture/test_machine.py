"""Facts of the machine, and of the project's git repo."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from sestina.capture.machine import git, machine
from sestina.records.ingredient import Setting

if TYPE_CHECKING:
    import pytest


def facts(settings: tuple[Setting, ...]) -> dict[str, str | None]:
    assert list(settings) == sorted(settings, key=lambda setting: setting.name)
    return {setting.name: setting.value for setting in settings}


def test_the_machine_is_told_without_starting_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*words: object, **options: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", never)
    told = facts(machine({"OMP_NUM_THREADS": "3", "HOME": "/"}))
    assert told["cpus"] == str(os.cpu_count())
    assert int(told["memory"] or 0) > 1 << 26
    assert told["threads OMP_NUM_THREADS"] == "3"
    assert "HOME" not in " ".join(told)


def in_git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_git_tells_commit_branch_and_dirt(tmp_path: Path) -> None:
    assert git(tmp_path) == ()
    in_git(tmp_path, "init", "-q", "-b", "trunk")
    assert facts(git(tmp_path)) == {
        "branch": "trunk", "commit": None, "dirty": "no", "untracked": "0"
    }  # fmt: skip
    (tmp_path / "a.py").write_text("1")
    in_git(tmp_path, "add", "a.py")
    in_git(tmp_path, "commit", "-q", "-m", "one")
    told = facts(git(tmp_path))
    assert (told["dirty"], told["untracked"], len(told["commit"] or "")) == ("no", "0", 40)
    (tmp_path / "a.py").write_text("2")
    (tmp_path / "b c\n.py").write_text("2")
    told = facts(git(tmp_path))
    assert (told["dirty"], told["untracked"], told["branch"]) == ("yes", "1", "trunk")


def test_git_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_git(tmp_path, "init", "-q")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git(tmp_path) == ()


def test_of_a_tree_too_big_for_git_status_the_commit_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_git(tmp_path, "init", "-q")
    in_git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(
        f'#!/bin/sh\ncase "$*" in *status*) exec sleep 9;; esac\nexec {which("git")} "$@"\n'
    )
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    monkeypatch.setattr("sestina.capture.machine._QUICK", 0.5)
    assert list(facts(git(tmp_path))) == ["commit"]
