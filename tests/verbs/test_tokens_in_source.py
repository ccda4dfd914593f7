"""A token in source is never kept, and withholding it is not a change."""

from __future__ import annotations

import subprocess
import sys

import sestina
from sestina.kernel.withhold import WITHHELD

TOKEN = "ghp_" + "a1B2" * 9


def test_a_withheld_token_is_no_change_and_is_never_shown(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("train.py", f"TOKEN = '{TOKEN}'\n")
    project.run("--", sys.executable, "train.py")
    with sestina.open(project.folder) as repo:
        assert [one for one in sestina.status(repo).changes if one.ingredient == "code"] == []
    project.write("train.py", f"TOKEN = '{TOKEN}'\nX = '{TOKEN}'\n")
    with sestina.open(project.folder) as repo:
        told = sestina.status(repo).changes
    assert told
    assert TOKEN not in str(told)
    assert WITHHELD in str(told)
    kept = subprocess.run(["grep", "-rla", TOKEN, ".sestina"], cwd=project.folder, check=False)
    assert kept.returncode == 1
