"""Killing sestina harms neither the training program nor the repo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLOW = """\
import os, time
print(os.getpid(), flush=True)
failed = 0
for number in range(200):
    try:
        open(f"in/{number}.txt").read()
    except OSError:
        failed += 1
    time.sleep(0.005)
open("failed.txt", "w").write(str(failed))
"""


@pytest.fixture
def slow(project):
    for number in range(200):
        project.write(f"in/{number}.txt", f"{number}\n")
    project.write("slow.py", SLOW)
    project.write("quick.py", "open('quick.txt', 'w').write('1')\n")
    return project


def start(project) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sestina", "run", "--", sys.executable, "slow.py"],
        cwd=project.folder,
        env=project.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def wait_for(path: Path, seconds: float = 20) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{path.name} did not appear")


def still_works(project) -> None:
    project.run("python", "quick.py")
    checked = project.sestina("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.5])
def test_a_killed_supervisor_does_not_harm_the_training(slow, moment):
    process, _ = start(slow)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert wait_for(slow.folder / "failed.txt") == "0"
    still_works(slow)
    log = slow.sestina("log")
    assert "interrupted" in log.stdout


def test_a_killed_child_is_a_run_with_its_exit_code(slow):
    process, child = start(slow)
    time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGKILL
    assert slow.last().exit == 128 + signal.SIGKILL
    still_works(slow)


def test_a_killed_standby_does_not_harm_the_training(slow):
    process, child = start(slow)
    time.sleep(0.1)
    for helper in children_of(process.pid) - {child}:
        os.kill(helper, signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert (slow.folder / "failed.txt").read_text() == "0"
    still_works(slow)


def children_of(pid: int) -> set[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in children}


def test_an_interrupt_reaches_the_child_and_its_exit_code_comes_back(slow):
    process, _ = start(slow)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    still_works(slow)


def test_a_failing_command_returns_its_own_exit_code(project):
    project.write("fail.py", "raise SystemExit(7)\n")
    assert project.sestina("run", "--", sys.executable, "fail.py").returncode == 7
    assert project.last().exit == 7
