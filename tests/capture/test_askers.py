"""Programs that ask about the machine are no software of the run, and hide nothing of it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from sestina.capture import pick, session
from sestina.records.observation import Observation

WORKING = [name for name, make in pick.OBSERVERS.items() if make().probe() is None]

# What it reads first is read by the training after it.
TRAIN = """\
import subprocess, sys
subprocess.run([sys.argv[1], sys.argv[2]], check=True, stdout=subprocess.DEVNULL)
print(open(sys.argv[2]).read())
"""


def observed(folder: Path, name: str, capture: str) -> tuple[Observation, Path, Path]:
    project, outside = folder / "project", folder / "outside"
    project.mkdir()
    outside.mkdir()
    (project / "train.py").write_text(TRAIN)
    asker = outside / name
    shutil.copy(shutil.which("cat") or "", asker)
    both = outside / "both.csv"
    both.write_text("1\n")
    seen = session.observe(
        [sys.executable, "train.py", str(asker), str(both)],
        project=project,
        live=folder / "live",
        run="r",
        cwd=project,
        environ={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture=capture,
    )
    assert seen.exit == 0
    return seen, asker, both


@pytest.mark.parametrize("capture", [name for name in WORKING if name != "python"])
def test_what_an_asker_read_first_is_still_data_of_the_training(tmp_path, capture):
    seen, asker, both = observed(tmp_path, "lscpu", capture)
    kinds = {os.fsdecode(file.real): file.kind for file in seen.files}
    assert kinds[str(both)] == "data"
    assert kinds[str(asker)] == "system"


@pytest.mark.parametrize("name", ["fc-list", "uname"])
@pytest.mark.skipif("seccomp" not in WORKING, reason="seccomp does not work here")
def test_an_asker_is_no_program_of_the_run(tmp_path, name):
    seen, asker, _ = observed(tmp_path, name, "seccomp")
    assert os.fsencode(asker) not in seen.programs
