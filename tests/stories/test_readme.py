"""Promise: the tour in the README is what the demo prints."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def masked(text: str) -> list[str]:
    """Returns the lines with ids and numbers masked: they differ from machine to machine."""
    text = re.sub(r"\b[0-9a-f]{8}\b", "ID", text)
    return [re.sub(r"[\d.,]+", "#", line.rstrip()) for line in text.splitlines() if line.strip()]


def test_the_tour_is_what_the_demo_prints(project):
    project.command("git", "init", "-q")  # as in a clone of sestina, where `make demo` runs
    done = project.sestina("demo", "tour")
    assert done.returncode == 0, done.stdout + done.stderr
    tour = re.search(r"```console\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert tour
    told = tour[1].splitlines()
    # What a command says of itself goes to standard error; a terminal shows both.
    answers = [line for line in told if not line.startswith(("capture:", "run/"))]
    printed = masked(done.stdout)
    position = 0
    for line in masked("\n".join(answers)):
        assert line in printed[position:], line
        position += printed[position:].index(line) + 1
    asides = masked(done.stderr)
    for line in masked("\n".join(line for line in told if line not in answers)):
        assert line in asides, line


def test_the_demo_refuses_a_folder_that_holds_something(project):
    project.write("mine/notes.txt", "do not touch\n")
    done = project.sestina("demo", "mine")
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert (project.folder / "mine" / "notes.txt").read_text() == "do not touch\n"
