"""Knobs that lie in no file whose bytes are kept: `.env` keys, and variables not set then."""

from __future__ import annotations

import sys

import pytest

import sestina
from sestina.store.repo import Repo

TRAIN = """\
import os
knobs = dict(line.split("=") for line in open(".env").read().split())
print(os.environ.get("MODE", "plain"), knobs["BATCH"], "API_TOKEN" in os.environ)
open("out/model.txt", "w").write("1") if os.makedirs("out", exist_ok=True) is None else 0
os.listdir("out")
"""
DOTENV = "BATCH=32\nDB_PASSWORD=hunter2\nSEED=4\n"


@pytest.fixture
def trained(project, monkeypatch):
    project.write("train.py", TRAIN)
    project.write(".env", DOTENV)
    done = project.sestina("run", "--", sys.executable, "train.py")
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    return project


def told(project, *, watched=("MODE", "API_TOKEN")):
    with Repo.open(project.folder, read_only=True) as repo:
        answer = sestina.status(repo)
    changes = {
        (one.ingredient, one.place.kind, one.place.name, one.kind)
        for one in answer.changes
        if one.place.kind != "variable" or one.place.name in watched
    }
    return changes, answer


def test_an_unchanged_dotenv_is_compared_and_the_same(trained):
    changes, answer = told(trained)
    assert changes == set()
    assert not any(".env" in line for line in answer.unchecked)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("BATCH=32", "BATCH=64", ("params", "key", "BATCH", "changed")),
        ("BATCH=32\n", "", ("params", "key", "BATCH", "removed")),
        ("SEED=4", "SEED=5", ("seed", "key", "SEED", "changed")),
        ("hunter2", "hunter3", ("params", "key", "DB_PASSWORD", "changed")),
        ("SEED=4", "SEED=4\nRATE=1", ("params", "key", "RATE", "added")),
    ],
)
def test_a_changed_key_of_a_dotenv_is_told(trained, old, new, change):
    trained.write(".env", DOTENV.replace(old, new))
    changes, answer = told(trained)
    assert changes == {change}
    assert "hunter" not in repr(answer)


def test_a_dotenv_that_is_gone_is_told_key_by_key(trained):
    (trained.folder / ".env").unlink()
    changes, _ = told(trained)
    assert {name for _, _, name, kind in changes if kind == "removed"} == {
        "BATCH", "DB_PASSWORD", "SEED",
    }  # fmt: skip


def test_a_variable_that_was_asked_for_in_vain_and_is_set_now_is_told(trained, monkeypatch):
    monkeypatch.setenv("MODE", "fancy")
    monkeypatch.setenv("NOBODY_ASKED", "1")
    changes, _ = told(trained, watched=("MODE", "NOBODY_ASKED"))
    assert changes == {("params", "variable", "MODE", "added")}


def test_a_secret_that_is_set_only_now_is_told_without_its_value(trained, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "tellnobody")
    changes, answer = told(trained)
    assert changes == {("params", "variable", "API_TOKEN", "added")}
    assert "tellnobody" not in repr(answer)


def test_a_folder_that_the_run_made_and_listed_may_be_deleted(trained):
    (trained.folder / "out" / "model.txt").unlink()
    (trained.folder / "out").rmdir()
    assert told(trained)[0] == set()


def test_a_new_file_beside_a_package_is_no_change_but_is_not_passed_over(project, monkeypatch):
    (project.folder / "pkg" / "inner").mkdir(parents=True)
    for name in ("pkg/__init__.py", "pkg/inner/__init__.py", "pkg/inner/train.py"):
        project.write(name, "")
    done = project.sestina("run", "--", sys.executable, "-m", "pkg.inner.train")
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("notes.txt", "nobody reads this")
    changes, answer = told(project)
    assert changes == set()
    assert any("'.' holds other names now" in line for line in answer.unchecked)


def test_a_dotenv_that_was_looked_for_in_vain_is_told_by_its_keys(project, monkeypatch):
    project.write("train.py", "try:\n    open('.env')\nexcept OSError:\n    pass\n")
    done = project.sestina("run", "--", sys.executable, "train.py")
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write(".env", "BATCH=32\n")
    assert told(project)[0] == {("params", "key", "BATCH", "added")}


def test_what_a_tracker_keeps_for_itself_is_no_name_in_a_folder(project, monkeypatch):
    (project.folder / "mlruns" / "0").mkdir(parents=True)
    project.write("mlruns/0/meta.yaml", "name: e\n")
    project.write(
        "train.py", "import os\nprint(os.listdir('mlruns'), open('mlruns/0/meta.yaml'))\n"
    )
    done = project.sestina("run", "--", sys.executable, "train.py")
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    assert told(project)[0] == set()
