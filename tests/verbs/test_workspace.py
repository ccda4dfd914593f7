"""Which folder a command is about, and what its settings say."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.errors import InvalidInput, NotFound, Refused
from sestina.records.settings import Dataset, ModelSettings, Settings, covering, pattern
from sestina.verbs.workspace import (
    Workspace,
    existing,
    find,
    ignore_in_git,
    may_create,
    settings,
)


def repo(folder: Path) -> Path:
    (folder / ".sestina").mkdir(parents=True)
    (folder / ".sestina" / "format").write_text("sestina repository format 1\n")
    return folder


def test_the_nearest_parent_with_a_repo_is_the_project(tmp_path: Path) -> None:
    repo(tmp_path)
    repo(tmp_path / "a")
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    found = find(start=below, environ={})
    assert (found.project, found.exists) == (tmp_path / "a", True)
    assert found.repo == str(tmp_path / "a" / ".sestina")


def test_a_new_repo_goes_beside_the_git_root(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    found = find(start=tmp_path / "a" / "b", environ={})
    assert (found.project, found.exists) == (tmp_path, False)
    with pytest.raises(NotFound, match="sestina init"):
        existing(start=tmp_path / "a", environ={})


def test_without_git_a_new_repo_goes_into_the_folder(tmp_path: Path) -> None:
    assert find(start=tmp_path, environ={}).project == tmp_path


def test_an_option_wins_over_the_variable_and_the_variable_over_the_place(tmp_path: Path) -> None:
    for name in ("option", "variable", "here"):
        repo(tmp_path / name)
    here, environ = tmp_path / "here", {"SESTINA_REPO": str(tmp_path / "variable")}
    assert find(start=here, environ=environ).repo == str(tmp_path / "variable" / ".sestina")
    found = find(str(tmp_path / "option" / ".sestina"), start=here, environ=environ)
    assert found.repo == str(tmp_path / "option" / ".sestina")
    assert found.project == here
    assert find("../option", start=here, environ={}).repo == found.repo


def test_a_repo_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no repo at"):
        find("nowhere", start=tmp_path, environ={})


def test_a_repo_inside_the_project_keeps_the_project_when_it_is_named(tmp_path: Path) -> None:
    below = repo(tmp_path) / "src"
    below.mkdir()
    assert find(str(tmp_path), start=below, environ={}).project == tmp_path


def test_no_repo_is_made_in_a_folder_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(Refused, match="--repo"):
        may_create(find(start=tmp_path, environ={}))


def test_the_repo_is_ignored_in_git_once(tmp_path: Path) -> None:
    assert not ignore_in_git(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("*.log")
    assert ignore_in_git(tmp_path)
    assert not ignore_in_git(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.log\n.sestina/\n"


def test_settings_come_from_sestina_toml_and_the_ignore_file(tmp_path: Path) -> None:
    (tmp_path / "sestina.toml").write_text(
        """
        features = ["features.py"]
        size_cap = "500 MB"
        ignore = ["scratch/"]
        [datasets]
        flights = "data/flights.csv"
        [models.delays]
        path = "model.joblib"
        metrics = ["metrics.json"]
        primary = "auc"
        versions = "every run"
        [secrets]
        allow = ["tests/key.pem"]
        """
    )
    (tmp_path / "pyproject.toml").write_text("[tool.sestina]\nfeatures = ['other.py']\n")
    (tmp_path / ".sestinaignore").write_text("# big\n/raw\n*.log\n\n")
    assert settings(tmp_path) == Settings(
        features=("features.py",),
        size_cap=500 << 20,
        ignore=("./raw", "*.log", "scratch/"),
        datasets=(Dataset(name="flights", patterns=("data/flights.csv",)),),
        models=(
            ModelSettings(
                name="delays", path="model.joblib", metrics=("metrics.json",), primary="auc",
                versions="every run",
            ),
        ),
        allow=("tests/key.pem",),
    )  # fmt: skip


def test_settings_may_stand_in_pyproject(tmp_path: Path) -> None:
    assert settings(tmp_path) == Settings()
    (tmp_path / "pyproject.toml").write_text("[tool.sestina]\nfeatures = 'other.py'\n")
    assert settings(tmp_path).features == ("other.py",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("feature = []", "did you mean 'features'?"),
        ("[models.a]\nmetric = 'x'", "'models.a.metric'"),
        ("[models.a]\nmetric = 'x'", "did you mean 'metrics'?"),
        ("features = 3", "'features' is wrong"),
        ("size_cap = 'much'", "2 GiB"),
        ("[models.a]\nversions = 'always'", '"every run" or "on request"'),
        ("[datasets]\nBig = 'x'", "'Big' is not a name"),
        ("[secrets]\nallowed = ['x']", "did you mean 'allow'?"),
        ("models = 3", "a table is expected"),
        ("features = [", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_the_file(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "sestina.toml").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        settings(tmp_path)
    assert told in str(caught.value)
    assert "sestina.toml" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "covers", "leaves"),
    [
        ("*.csv", ["a.csv", "x/y/a.csv", "/mnt/a.csv"], ["a.csv.gz", "acsv"]),
        ("data/", ["data/a", "data/b/c", "x/data/a"], ["data", "mydata/a"]),
        ("data/*.csv", ["data/a.csv"], ["data/b/a.csv", "x/data/a.csv"]),
        ("data/**/a.csv", ["data/a.csv", "data/b/c/a.csv"], ["data/b.csv"]),
        ("/mnt/lake", ["/mnt/lake", "/mnt/lake/a"], ["mnt/lake", "x/mnt/lake"]),
        ("./raw", ["raw", "raw/a"], ["x/raw"]),
        ("~/models", ["~/models/a"], ["models/a"]),
        ("a?.py", ["ab.py"], ["a.py", "a/.py"]),
        ("x[1].csv", ["x[1].csv"], ["x1.csv"]),
    ],
)
def test_patterns_are_those_of_gitignore(text: str, covers: list[str], leaves: list[str]) -> None:
    assert [path for path in covers if not pattern(text).match(path)] == []
    assert [path for path in leaves if pattern(text).match(path)] == []


def test_a_pattern_can_be_taken_back() -> None:
    patterns = ("*.log", "!keep.log")
    assert covering(patterns, "a.log") == "*.log"
    assert covering(patterns, "keep.log") is None


@given(st.text(alphabet="ab/.*?!~\n[", min_size=1, max_size=12))
def test_every_text_is_a_pattern(text: str) -> None:
    pattern(text).match("a/b.csv")


def test_the_whole_machine_is_no_project(tmp_path: Path) -> None:
    repo(tmp_path)
    assert find(str(tmp_path), start=Path("/"), environ={}).project == tmp_path
    with pytest.raises(Refused, match="no repo was created"):
        may_create(Workspace(project=Path("/"), repo="/.sestina", exists=False))


def test_a_tool_table_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nsestina = 3\n")
    with pytest.raises(InvalidInput, match="sestina] is wrong") as told:
        settings(tmp_path)
    assert told.value.why == "a table is expected here"
