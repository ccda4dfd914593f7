"""A command that is stopped at any step has happened or has not, and the next one just works."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sestina.store.repo import Repo
from sestina.testing import samples

CRASH = Path(__file__).with_name("crash.py")


def sweep(workspace: Path, what: str, how: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, CRASH, workspace, what, how],
        capture_output=True, text=True, check=True, timeout=110,
    )  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line for line in told if "error" in line] == []
    codes = {line["told"] for line in told if "told" in line}
    assert all(code.startswith("unavailable/") for code in codes), codes
    return [line for line in told if "step" in line]


@pytest.mark.parametrize("how", ["kill", "full", "error"])
def test_a_run_that_is_stopped_at_any_step_is_whole_or_invisible(
    repo: Repo, workspace: Path, how: str
) -> None:
    told = sweep(workspace, "seal", how)
    assert len(told) > 20
    assert {tuple(step["failures"]) for step in told} == {()}
    assert {tuple(step["after"]) for step in told} == {()}
    assert all(step["numbers"] == list(range(1, len(step["numbers"]) + 1)) for step in told)
    grown = [after["runs"] - before["runs"] for before, after in itertools.pairwise(told)]
    assert set(grown) == {1, 2}  # the look's own run, and the killed one where it was whole
    assert (
        sorted(grown) == grown or how != "kill"
    )  # visible from one step on: the creation of the entry


@pytest.mark.parametrize("how", ["kill", "full"])
def test_a_purge_that_is_stopped_at_any_step_is_finished_by_the_next(
    repo: Repo, workspace: Path, how: str
) -> None:
    samples.seal(repo, samples.add_run(repo), model="fraud")
    told = sweep(workspace, "purge", how)
    assert {code for step in told for code in step["failures"]} <= {"purged/still-held"}
    assert {tuple(step["after"]) for step in told} == {()}


def test_everything_is_on_disk_before_the_entry_has_its_name(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[str, str]] = []
    fsync, link = os.fsync, os.link

    def spy_fsync(descriptor: int) -> None:
        steps.append(("fsync", os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def spy_link(old: str, new: str) -> None:
        assert ("fsync", os.fspath(old)) in steps
        steps.append(("link", os.path.relpath(new, repo.path)))
        link(old, new)

    run = samples.add_run(repo, data={"project:small": b"x", "project:large": bytes(9 << 20)})
    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(os, "link", spy_link)
    samples.seal(repo, run)
    created = [name for what, name in steps if what == "link"]
    assert [name.split("/")[0] for name in created] == ["blobs", "packs", "records", "journal"]
    for name in created:
        folder = ("fsync", os.path.dirname(repo.path / name))
        next_link = steps[steps.index(("link", name)) + 1 :]
        later = [what for what, _ in next_link]
        until = later.index("link") if "link" in later else len(later)
        assert folder in next_link[:until]
