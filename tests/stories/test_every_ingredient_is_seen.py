"""A change of any one ingredient changes that ingredient's id and no other."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TRAIN = """\
import argparse, json, os
import yaml
import features

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()
config = yaml.safe_load(open("config.yaml"))
scale = float(os.environ.get("SCALE", "1"))
rows = [line.split(",") for line in open("data.csv").read().split()[1:]]
total = sum(features.double(float(value)) for _, value in rows)
json.dump({"total": total * scale * config["depth"] * options.rate}, open("metrics.json", "w"))
open("model.txt", "w").write(f"{total} {options.seed}")
print("trained")
"""
FEATURES = """\
def double(value):
    return value * 2
"""
FILES = {
    "train.py": TRAIN,
    "features.py": FEATURES,
    "config.yaml": "depth: 3\nseed: 5  # any\n",
    "data.csv": "id,value\na,1\nb,2.5\n",
    "notes.txt": "nobody reads this\n",
    "sestina.toml": 'features = ["features.py"]\n',
}
COMMAND = ("python", "train.py", "--rate", "0.5", "--seed", "11")


@pytest.fixture
def trained(project):
    for name, text in FILES.items():
        project.write(name, text)
    project.run(*COMMAND)
    return project


def changed(project, before):
    after = project.ids()
    return {name for name in after if after[name] != before[name]}


def test_an_unchanged_run_has_the_same_recipe(trained):
    before = trained.last().recipe
    trained.run(*COMMAND)
    assert trained.last().recipe == before


def test_a_copy_of_the_folder_has_the_same_recipe(trained, another):
    for name, text in FILES.items():
        another.write(name, text)
    another.run(*COMMAND)
    assert another.ids() == trained.ids()
    assert another.last().recipe == trained.last().recipe


@pytest.mark.parametrize(
    ("name", "old", "new", "ingredient"),
    [
        ("train.py", 'print("trained")', 'print("done")', "code"),
        ("data.csv", "2.5", "2.6", "data"),
        ("features.py", "value * 2", "value + value + 1", "features"),
        ("config.yaml", "depth: 3", "depth: 4", "params"),
        ("config.yaml", "seed: 5", "seed: 6", "seed"),
        ("config.yaml", "# any", "# none", "params"),
    ],
)
def test_an_edit_changes_its_own_ingredient_alone(trained, name, old, new, ingredient):
    before = trained.ids()
    assert old in FILES[name]
    trained.write(name, FILES[name].replace(old, new))
    trained.run(*COMMAND)
    assert changed(trained, before) == {ingredient}


@pytest.mark.parametrize(
    ("words", "variables", "ingredient"),
    [
        (("python", "train.py", "--rate", "0.6", "--seed", "11"), {}, "params"),
        (("python", "train.py", "--rate", "0.5", "--seed", "12"), {}, "seed"),
        (COMMAND, {"SCALE": "2"}, "params"),
        (COMMAND, {"PYTHONHASHSEED": "3"}, "seed"),
        (COMMAND, {"OMP_NUM_THREADS": "2"}, "env"),
        (COMMAND, {"NOBODY_READS": "2"}, None),
        (COMMAND, {"TERM": "dumb", "PWD": "/", "SHLVL": "7"}, None),
    ],
)
def test_a_word_or_variable_changes_its_own_ingredient_alone(trained, words, variables, ingredient):
    before = trained.ids()
    trained.run(*words, **variables)
    assert changed(trained, before) == ({ingredient} if ingredient else set())


def test_a_newly_imported_distribution_changes_env_and_the_code_that_imports_it(trained):
    before = trained.ids()
    trained.write("train.py", "import click\n" + TRAIN)
    trained.run(*COMMAND)
    assert changed(trained, before) == {"code", "env"}


def test_asking_about_the_machine_is_no_part_of_env(project):
    project.write(
        "train.py",
        "import os, subprocess\n"
        "if os.environ.get('ASK'):\n"
        "    subprocess.run(['lscpu'], check=True, stdout=subprocess.DEVNULL)\n",
    )
    project.run("python", "train.py", ASK="")
    before = project.ids()
    project.run("python", "train.py", ASK="1")
    assert changed(project, before) == {"params"}


def test_files_that_the_run_does_not_read_change_nothing(trained):
    before = trained.ids()
    trained.write("notes.txt", "still nobody\n")
    trained.write("other.py", "raise SystemExit\n")
    trained.run(*COMMAND)
    assert changed(trained, before) == set()


def test_dirty_untracked_ignored_and_outside_inputs_are_all_seen(project, tmp_path):
    outside = tmp_path / "far" / "away.csv"
    outside.parent.mkdir()
    outside.write_text("9\n")
    linked = tmp_path / "far" / "linked.csv"
    linked.write_text("8\n")
    project.write("tracked.csv", "1\n")
    project.write(".gitignore", "ignored.csv\n")
    project.command("git", "init", "-q")
    project.command("git", "add", "tracked.csv", ".gitignore")
    project.write("tracked.csv", "2\n")
    project.write("ignored.csv", "3\n")
    project.write("untracked.csv", "4\n")
    (project.folder / "link.csv").symlink_to(linked)
    names = ["tracked.csv", "ignored.csv", "untracked.csv", "link.csv", str(outside)]
    project.write("read.py", f"print(sum(int(open(n).read()) for n in {names!r}))")
    assert project.run("python", "read.py").stdout.strip() == "26"
    before = project.ids()
    for path in [*(project.folder / name for name in names[:3]), linked, outside]:
        path.write_text("5\n")
        project.run("python", "read.py")
        after = project.ids()
        assert {name for name in after if after[name] != before[name]} == {"data"}, path
        before = after


def interpreter(version: str) -> str | None:
    """Returns a working Python of this version, if the machine has one."""
    installed = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    candidates = [shutil.which(f"python{version}"), *map(str, installed)]
    for candidate in filter(None, candidates):
        asked = subprocess.run([candidate, "--version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return candidate
    return None


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_the_users_interpreter_may_be_another_python(project, version):
    found = interpreter(version)
    if not found:
        pytest.skip(f"no python{version} on this machine")
    project.write("train.py", "import json, features\nprint(json.dumps(features.one()))\n")
    project.write("features.py", "def one():\n    return 1\n")
    project.write("sestina.toml", 'features = ["features.py"]\n')
    assert project.run(found, "train.py").stdout == "1\n"
    assert project.last().grade == "complete (kernel)"
    before = project.ids()
    project.write("features.py", "def one():\n    return 2\n")
    project.run(found, "train.py")
    assert changed(project, before) == {"features"}


def test_the_log_compares_a_run_with_the_last_one_of_the_same_script(trained):
    import json

    trained.write("other.py", "print('another script')\n")
    trained.run("python", "other.py")
    trained.write("data.csv", "id,value\na,3\n")
    trained.run(*COMMAND)
    lines = json.loads(trained.sestina("log", "--json").stdout)["lines"]
    assert [line["changed"] for line in lines] == [["data"], [], []]
    assert [line["first"] for line in lines] == [False, True, True]
