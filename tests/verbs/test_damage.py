"""What the verbs say of a repo that has lost a part: the rest is told, nothing false is given."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sestina
from sestina.errors import Corrupt
from sestina.store.repo import Repo

PYTHON = sys.executable


@pytest.fixture
def half(project, monkeypatch):
    """Two runs, of which the first has lost its records and the second is whole."""
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    monkeypatch.chdir(project.folder)
    project.write("sestina.toml", 'features = ["features.py"]\n')
    project.write("features.py", "def double(x):\n    return 2 * x\n")
    project.write("use.py", "import features; print(features.double(2))")
    project.write("other.py", "print(1)")
    records = project.folder / ".sestina" / "records"
    project.run("--name", "lost", "--", PYTHON, "use.py")
    first = set(records.iterdir())
    project.run("--name", "whole", "--", PYTHON, "other.py")
    return project, first


def test_a_run_that_lost_its_records_is_listed_as_damaged(half):
    project, first = half
    for pack in first:
        pack.unlink()
    with Repo.open(project.folder, read_only=True) as repo:
        lines = {line.name: line.grade for line in sestina.log(repo).lines}
        assert lines["lost"] == "damaged"
        with pytest.raises(Corrupt, match="has lost record"):
            sestina.show(repo, "lost")


def test_a_restore_that_cannot_be_finished_leaves_nothing(half, tmp_path):
    project, _ = half
    for pack in (project.folder / ".sestina" / "packs").iterdir():
        data = bytearray(pack.read_bytes())
        data[: len(data) // 4] = bytes(len(data) // 4)
        pack.write_bytes(data)
    with Repo.open(project.folder, read_only=True) as repo:
        with pytest.raises(Corrupt):
            sestina.restore(repo, "lost", into=tmp_path / "back")
        assert list((tmp_path / "back").iterdir()) == []


def test_a_lost_config_says_how_to_make_a_new_one_and_that_works(half):
    project, _ = half
    (project.folder / ".sestina" / "config.toml").unlink()
    told = project.sestina("log")
    assert told.returncode == 5
    command = told.stderr.rpartition("  try: ")[2]
    subprocess.run(command, shell=True, check=True, cwd=project.folder)
    assert project.sestina("check").returncode == 0


def test_what_a_purged_function_was_part_of_is_shown_and_restored_with_a_blank(half, tmp_path):
    project, _ = half
    project.write("features.py", "def double(x):\n    return 2 * x\n\n\n# another\n")
    project.run("--name", "later", "--", PYTHON, "use.py")
    with sestina.open(project.folder) as repo:
        sestina.purge(repo, "lost:features.py", reason="a name in it")
        for name in ("lost", "later"):
            assert sestina.show(repo, name).run is not None
            sestina.diff(repo, name, "whole")
        given = sestina.restore(repo, "later", into=tmp_path / "later")
        assert given.blanks == ("project:features.py double",)
        assert "# another" in (tmp_path / "later" / "features.py").read_text()


def test_of_a_file_that_the_run_changed_both_are_purged(half):
    project, _ = half
    project.write("state.txt", "before")
    project.write("count.py", "open('state.txt').read(); open('state.txt', 'w').write('after')")
    project.run("--name", "count", "--", PYTHON, "count.py")
    with sestina.open(project.folder) as repo:
        answer = sestina.purge(repo, "count:state.txt", reason="personal")
        assert len(answer.blobs) == 2
        assert [gone.name for gone in sestina.show(repo, "count").purged] == ["project:state.txt"]
