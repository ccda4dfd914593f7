"""Runs still going: theirs while they live, ours to seal when they died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sestina.store.repo import Repo

SUPERVISOR = (
    "import sys, time; from sestina.store.repo import Repo\n"
    "live = Repo.open(sys.argv[1]).live.begin({'argv': ['train'], 'host': 'h'})\n"
    "(live.folder / 'events').write_text('seen')\n"
    "print(live.id, flush=True); time.sleep(60)\n"
)


def start(repo: Repo, program: str = SUPERVISOR) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(repo.path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_live_run_is_nobody_elses(repo: Repo) -> None:
    process, identifier = start(repo)
    try:
        assert repo.live.stale() == []
        assert repo.live.going() == [identifier]
    finally:
        kill(process)


def test_a_run_whose_supervisor_was_killed_is_stale_once(repo: Repo) -> None:
    process, identifier = start(repo)
    kill(process)
    (live,) = repo.live.stale()
    assert (live.id, live.info) == (identifier, {"argv": ["train"], "host": "h"})
    assert (live.folder / "events").read_text() == "seen"
    assert Repo.open(repo.path).live.stale() == []  # it is being sealed here
    live.close()
    assert repo.live.stale() == repo.live.going() == []
    assert list((repo.path / "live").iterdir()) == []


def test_a_stale_run_that_is_let_go_can_be_taken_again(repo: Repo) -> None:
    process, identifier = start(repo)
    kill(process)
    for live in repo.live.stale():
        live.release()
    assert [live.id for live in repo.live.stale()] == [identifier]


def test_a_run_that_ends_leaves_nothing(repo: Repo) -> None:
    live = repo.live.begin({})
    assert live.folder.parent == repo.path / "live"
    live.close()
    assert list((repo.path / "live").iterdir()) == []


def test_a_child_that_is_forked_keeps_the_run_alive(repo: Repo) -> None:
    """The standby of a capture is such a child: while it lives, the program still runs."""
    fork = "child = __import__('os').fork(); child or time.sleep(60); print(child, end=' ')\n"
    process, told = start(repo, SUPERVISOR.replace("print(live.id", fork + "print(live.id"))
    child, identifier = told.split()
    kill(process)
    assert repo.live.stale() == []
    os.kill(int(child), signal.SIGKILL)
    deadline = time.monotonic() + 5
    while not (stale := repo.live.stale()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [found.id for found in stale] == [identifier]


def test_damaged_or_foreign_things_among_live_runs_stop_nobody(repo: Repo, tmp_path: Path) -> None:
    process, identifier = start(repo)
    kill(process)
    (repo.path / "live" / identifier / "info.json").write_text("{")
    (repo.path / "live" / "empty").mkdir()
    (repo.path / "live" / "file").write_text("")
    (live,) = repo.live.stale()
    assert (live.id, live.info) == (identifier, {})
