"""Whoever dies, the program lives: real processes, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from sestina.capture.seccomp import Seccomp

WHY_NOT = Seccomp().probe()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"seccomp: {WHY_NOT}")

SLOW = """
import time
failed = 0
for number in range(300):
    try: open(f"in/{number}").close()
    except OSError: failed += 1
    time.sleep(0.003)
open("done", "w").write(str(failed))
"""
TIGHT = SLOW.replace("time.sleep(0.003)", "pass").replace("range(300)", "list(range(300)) * 20")
SUPERVISE = """
import sys
from sestina.capture.seccomp import Seccomp
from sestina.capture.observer import Command
trace = Seccomp().observe(Command(argv=(sys.executable, "-c", sys.argv[1])), lambda path: b"")
print(trace.exit, len(trace.events), *trace.gaps, sep="|")
"""


class Run:
    """A supervisor, its child and its standby; ended with the test, however that ends."""

    going: ClassVar[list[subprocess.Popen[str]]] = []

    def __init__(self, folder: Path, script: str) -> None:
        (folder / "in").mkdir()
        for number in range(300):
            (folder / "in" / str(number)).touch()
        self.folder = folder
        self.supervisor = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, script], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        self.going.append(self.supervisor)

    def started(self) -> Run:
        wait_until(lambda: self.child is not None and self.standby != 0)
        time.sleep(0.15)
        return self

    @property
    def child(self) -> int | None:
        found = children(self.supervisor.pid)
        return next((pid for pid in found if SUPERVISE not in of(pid)), None)

    @property
    def standby(self) -> int:
        """The number of the standby, 0 when there is none at the moment."""
        return next((pid for pid in children(self.supervisor.pid) if SUPERVISE in of(pid)), 0)

    def told(self) -> list[str]:
        return self.supervisor.communicate(timeout=20)[0].strip().split("|")

    def failed_opens(self) -> str:
        done = self.folder / "done"
        wait_until(lambda: done.exists() and done.read_text() != "")
        return done.read_text()


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    while Run.going:
        with Run.going.pop() as supervisor:
            supervisor.kill()


def test_the_program_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    run = Run(tmp_path, SLOW).started()
    family = children(run.supervisor.pid)
    run.supervisor.kill()
    assert run.told() == [""]
    assert run.failed_opens() == "0"
    wait_until(lambda: not any(map(alive, family)))


def test_the_call_that_a_killed_supervisor_was_looking_at_is_answered(tmp_path: Path) -> None:
    """Kills at many moments of a program that does nothing but open files."""
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = Run(folder, TIGHT)
        wait_until(lambda run=run: run.child is not None)  # type: ignore[misc]
        time.sleep(0.02 + 0.013 * number)
        run.supervisor.kill()
        run.told()
        assert run.failed_opens() == "0"


def test_a_killed_standby_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    run = Run(tmp_path, SLOW).started()
    first = run.standby
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: run.standby not in (0, first))
    run.supervisor.kill()
    run.told()
    assert run.failed_opens() == "0"


def test_a_run_whose_standby_was_killed_is_complete(tmp_path: Path) -> None:
    run = Run(tmp_path, SLOW).started()
    os.kill(run.standby, signal.SIGKILL)
    exit_code, events, *gaps = run.told()
    assert (exit_code, gaps) == ("0", [])
    assert int(events) > 300
    assert run.failed_opens() == "0"


def test_a_killed_child_is_told_as_a_signal(tmp_path: Path) -> None:
    run = Run(tmp_path, SLOW).started()
    assert run.child is not None
    os.kill(run.child, signal.SIGKILL)
    assert run.told()[0] == "137"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_would_end_the_supervisor_is_passed_on(tmp_path: Path, number: int) -> None:
    run = Run(tmp_path, SLOW).started()
    run.supervisor.send_signal(number)
    assert run.told()[0] == str(128 + number)


def test_the_keyboards_signals_are_the_programs_business(tmp_path: Path) -> None:
    run = Run(tmp_path, SLOW).started()
    run.supervisor.send_signal(signal.SIGINT)
    run.supervisor.send_signal(signal.SIGQUIT)
    assert run.told()[0] == "0"


def test_a_hung_supervisor_is_stood_in_for_and_that_is_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = "import sestina.capture.standby as s; s.STALE = 0.3"
    monkeypatch.setattr(sys.modules[__name__], "SUPERVISE", stale + SUPERVISE)
    run = Run(tmp_path, SLOW).started()
    run.supervisor.send_signal(signal.SIGSTOP)
    assert run.failed_opens() == "0"
    run.supervisor.send_signal(signal.SIGCONT)
    exit_code, _, *gaps = run.told()
    assert exit_code == "0"
    assert [gap[:15] for gap in gaps] == ["supervisor lost"]


def test_the_standby_holds_no_file_of_the_users(tmp_path: Path) -> None:
    run = Run(tmp_path, SLOW).started()
    standby = run.standby
    held = {os.readlink(f"/proc/{standby}/fd/{name}") for name in os.listdir(f"/proc/{standby}/fd")}
    assert {name.partition(":")[0] for name in held} == {"anon_inode", "pipe"}
    assert os.getsid(standby) == standby
    assert os.readlink(f"/proc/{standby}/cwd") == "/"
    run.told()


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return SUPERVISE


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def wait_until(true: Callable[[], bool], patience: float = 15) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
