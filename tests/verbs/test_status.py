"""What the next run would differ in, without running it."""

from __future__ import annotations

import sys

import pytest

import sestina
from sestina.errors import NotFound
from sestina.ingredients.params.withheld import withheld
from sestina.records import testimony
from sestina.records.observation import Observation
from sestina.records.paths import Roots
from sestina.records.settings import Settings
from sestina.store.repo import Repo
from sestina.verbs.withheld import code_of, variables

TRAIN = """\
import os, tomllib, features
config = tomllib.load(open("config.toml", "rb"))
open("data.csv").read()
os.listdir("extra")
if os.path.exists("local.toml"):
    open("local.toml").read()
try:
    open("override.toml").read()
except OSError:
    pass
os.environ.get("SCALE"), os.environ.get("API_TOKEN")
features.double(1)
"""


@pytest.fixture
def trained(project, monkeypatch):
    project.write("train.py", TRAIN)
    project.write("features.py", "def double(x):\n    return 2 * x\n")
    project.write("config.toml", "depth = 3\nseed = 1\n")
    project.write("data.csv", "a\n1\n")
    project.write("unread.txt", "nobody reads this\n")
    (project.folder / "extra").mkdir()
    (project.folder / "extra" / "one.txt").write_text("1")
    project.write("sestina.toml", 'features = ["features.py"]\n')
    project.run("--name", "base", "--", sys.executable, "train.py", SCALE="2", API_TOKEN="abcdefgh")
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    monkeypatch.setenv("SCALE", "2")
    monkeypatch.setenv("API_TOKEN", "abcdefgh")
    for name in ("OMP_NUM_THREADS", "PYTHONHASHSEED"):
        monkeypatch.delenv(name, raising=False)
    return project


def changes(project):
    with Repo.open(project.folder, read_only=True) as repo:
        return [
            (c.ingredient, c.place.path or c.place.name, c.place.name, c.cosmetic)
            for c in sestina.status(repo).changes
            if not (c.place.kind == "variable" and c.place.name not in WATCHED)
        ]


WATCHED = {"SCALE", "API_TOKEN", "OMP_NUM_THREADS"}
"""The variables of the test's own process (LANG, PYTEST_…) are none of ours."""


def test_nothing_changed_is_nothing_told(trained):
    assert changes(trained) == []


def test_an_unread_file_does_not_count(trained):
    trained.write("unread.txt", "still nobody\n")
    assert changes(trained) == []


def test_a_changed_key_is_told_as_that_key(trained):
    trained.write("config.toml", "depth = 4\nseed = 1\n")
    assert changes(trained) == [("params", "project:config.toml", "depth", False)]


def test_a_changed_seed_belongs_to_seed(trained):
    trained.write("config.toml", "depth = 3\nseed = 2\n")
    assert changes(trained) == [("seed", "project:config.toml", "seed", False)]


def test_a_comment_is_cosmetic(trained):
    trained.write("train.py", TRAIN + "# tidied\n")
    assert changes(trained) == [("code", "project:train.py", None, True)]


def test_a_changed_feature_belongs_to_features(trained):
    trained.write("features.py", "def double(x):\n    return 3 * x\n")
    assert changes(trained) == [("features", "project:features.py", "double", False)]


def test_a_removed_input_is_told(trained):
    (trained.folder / "data.csv").unlink()
    assert [(one[0], one[1]) for one in changes(trained)] == [("data", "project:data.csv")]


def test_a_file_that_was_looked_for_in_vain_and_is_there_now_is_told(trained):
    trained.write("override.toml", "x = 1\n")
    assert ("params", "project:override.toml") in [(one[0], one[1]) for one in changes(trained)]


def test_another_name_in_a_folder_that_was_listed_is_told(trained):
    (trained.folder / "extra" / "two.txt").write_text("2")
    assert [(one[0], one[1]) for one in changes(trained)] == [("data", "project:extra")]


def test_a_new_file_beside_the_source_is_no_change_but_is_not_passed_over(trained):
    trained.write("new.txt", "nobody reads this")
    assert changes(trained) == []
    assert "'.' holds other names now" in trained.sestina("status", SCALE="2").stdout


def test_variables_are_compared(trained, monkeypatch):
    monkeypatch.setenv("SCALE", "3")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert sorted(changes(trained)) == [
        ("env", "OMP_NUM_THREADS", "OMP_NUM_THREADS", False),
        ("params", "SCALE", "SCALE", False),
    ]


def test_a_changed_secret_is_told_without_its_value(trained, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "another one")
    with Repo.open(trained.folder, read_only=True) as repo:
        answer = sestina.status(repo, "base")
    assert "API_TOKEN" in {change.place.name for change in answer.changes}
    assert "another" not in repr(answer)


def test_the_code_of_a_secret_is_the_one_that_the_run_kept():
    seen = Observation(
        argv=(),
        script=0,
        folder="project:",
        roots=Roots(project=b"/p"),
        environ={"API_TOKEN": "abcdefgh"},
        files=(),
        testimony=testimony.Testimony(
            env_reads=(testimony.EnvRead(name="API_TOKEN", is_set=True, file="/p/a.py"),)
        ),
    )
    with Repo.open("memory:") as repo:
        assert code_of(repo, "abcdefgh") is None
        (kept,) = variables(repo, seen, Settings())
        assert code_of(repo, "abcdefgh") == kept.value
        assert withheld(seen, Settings(), b"another key")[0].value != kept.value


def test_without_a_run_there_is_nothing_to_compare_with(project):
    with Repo.create(project.folder) as repo, pytest.raises(NotFound):
        sestina.status(repo)
