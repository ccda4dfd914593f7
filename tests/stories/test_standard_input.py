"""What comes in by standard input: a file is data, a pipe that was emptied is a gap."""

from __future__ import annotations

import subprocess
import sys

READS = "import sys\nprint(len(sys.stdin.read()))\n"
PASSES = "print('not read')\n"


def fed(project, script: str, data: bytes) -> str:
    """Returns what a run printed to whose standard input somebody wrote."""
    project.write("train.py", script)
    done = subprocess.run(
        [sys.executable, "-m", "sestina", "run", "--", sys.executable, "train.py"],
        cwd=project.folder, env=project.environ, input=data, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def test_what_came_through_a_pipe_was_not_captured_and_the_grade_says_so(project):
    assert fed(project, READS, b"1\n2\n") == "4"
    grade = project.last().grade
    assert grade.startswith("partial (kernel)")
    assert "standard input" in grade


def test_a_pipe_that_nobody_reads_takes_nothing_away(project):
    assert fed(project, PASSES, b"1\n2\n") == "not read"
    assert project.last().grade == "complete (kernel)"


def test_an_empty_pipe_takes_nothing_away(project):
    assert fed(project, READS, b"") == "0"
    assert project.last().grade == "complete (kernel)"


def test_a_file_is_data(project):
    project.write("rows.csv", "1\n2\n")
    project.write("train.py", READS)
    command = '"$0" -m sestina run -- "$0" train.py < rows.csv'
    done = project.command("sh", "-c", command, sys.executable)
    assert done.stdout.strip() == "4", done.stderr
    assert project.last().grade == "complete (kernel)"
    before = project.ids()
    project.write("rows.csv", "1\n3\n")
    project.command("sh", "-c", command, sys.executable)
    assert {name for name, held in project.ids().items() if held != before[name]} == {"data"}
