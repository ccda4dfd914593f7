"""Inputs read through links that the run made, and took away again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sestina.capture import pick, session
from sestina.capture.grade import grade

WORKING = [name for name, make in pick.OBSERVERS.items() if make().probe() is None]

STAGED = """\
import os, shutil
os.makedirs("work")
os.symlink("../rows.csv", "work/rows.csv")
os.symlink(os.path.abspath("parts"), "work/parts")
print(open("work/rows.csv").read(), open("work/parts/deep/a.csv").read())
{end}
"""


def observed(folder: Path, capture: str, end: str):
    project = folder / "project"
    (project / "parts" / "deep").mkdir(parents=True)
    (project / "rows.csv").write_text("1\n")
    (project / "parts" / "deep" / "a.csv").write_text("2\n")
    (project / "train.py").write_text(STAGED.format(end=end))
    seen = session.observe(
        [sys.executable, "train.py"],
        project=project,
        live=folder / "live",
        run="r",
        cwd=project,
        environ={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture=capture,
    )
    assert seen.exit == 0
    return seen, {file.path.removeprefix("project:") for file in seen.files if file.kind == "data"}


@pytest.mark.skipif("seccomp" not in WORKING, reason="strace looks only when all is over")
def test_what_was_read_through_a_link_that_is_gone_is_data_where_it_lies(tmp_path):
    seen, data = observed(tmp_path, "seccomp", "shutil.rmtree('work')")
    assert grade(seen) == "complete (kernel)"
    assert data == {"rows.csv", "parts/deep/a.csv"}


@pytest.mark.parametrize("capture", [name for name in WORKING if name != "python"])
def test_through_a_link_that_stays_it_has_the_name_that_was_used(tmp_path, capture):
    _, data = observed(tmp_path, capture, "")
    assert data == {"work/rows.csv", "work/parts/deep/a.csv"}
