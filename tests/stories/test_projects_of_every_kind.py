"""Small projects as people lay them out: each keeps its output, its recipe, and its ingredients
apart, from the first run to the restored copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import sestina

ROWS = "id,value\na,1\nb,2.5\n"
COUNT = "len(open('rows.csv').read())"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A change of one ingredient: a text in a file, a variable, or the words after the script."""

    of: str
    place: str
    file: str = ""
    old: str = ""
    new: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


ROW = Edit(of="data", place="project:rows.csv", file="rows.csv", old="2.5", new="2.6")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A project: its files, the command, what the run read as what, and the edits to try."""

    files: Mapping[str, str]
    words: tuple[str, ...]
    read: Mapping[str, str]
    edits: tuple[Edit, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], None] = lambda folder: None
    runs_restored: bool = True


def zipped(folder: Path, text: str = "K = 5\n") -> None:
    with zipfile.ZipFile(folder / "lib.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("knobs/__init__.py", (2020, 1, 1, 0, 0, 0)), text)


def own_environment(folder: Path) -> None:
    environment = [sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")]
    subprocess.run(environment, check=True)
    (site,) = folder.glob(".venv/lib/python*/site-packages")
    (site / "three.py").write_text("K = 3\n")


KINDS = {
    "a package run with -m, which asks for variables by how they begin": Kind(
        files={
            "pkg/__init__.py": "",
            "pkg/model.py": "def fit(rows, rate):\n    return rows * rate\n",
            "pkg/train.py": (
                "import argparse, os\n"
                "from pkg import model\n"
                "parser = argparse.ArgumentParser()\n"
                "parser.add_argument('--rate', type=float)\n"
                "parser.add_argument('--seed', type=int)\n"
                "options = parser.parse_args()\n"
                "knobs = {k: v for k, v in os.environ.items() if k.startswith('TRAIN_')}\n"
                f"print(model.fit({COUNT}, options.rate), options.seed, knobs)\n"
                "open('model.txt', 'w').write(str(options.rate))\n"
            ),
        },
        words=("python", "-m", "pkg.train", "--rate", "0.5", "--seed=3"),
        variables={"TRAIN_DEPTH": "2"},
        read={"pkg/model.py": "code", "pkg/train.py": "code", "rows.csv": "data"},
        edits=(
            ROW,
            Edit(of="code", place="fit", file="pkg/model.py", old="rows *", new="rows +"),
            Edit(of="params", place="TRAIN_DEPTH", variables={"TRAIN_DEPTH": "3"}),
            Edit(of="params", place="--rate", words=("--rate", "0.6", "--seed=3")),
            Edit(of="seed", place="--seed", words=("--rate", "0.5", "--seed=4")),
        ),
    ),
    "pydantic settings with a .env and variables": Kind(
        files={
            ".env": "TRAIN_DEPTH=4\n",
            "train.py": (
                "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
                "class Knobs(BaseSettings):\n"
                "    model_config = SettingsConfigDict(env_prefix='TRAIN_', env_file='.env')\n"
                "    depth: int = 3\n"
                "    rate: float = 0.1\n"
                f"print(Knobs(), {COUNT})\n"
            ),
        },
        words=("python", "train.py"),
        read={".env": "dotenv", "rows.csv": "data"},
        edits=(
            Edit(of="params", place="TRAIN_DEPTH", file=".env", old="4", new="5"),
            Edit(of="params", place="TRAIN_RATE", variables={"TRAIN_RATE": "0.5"}),
        ),
    ),
    "a Hydra application with groups": Kind(
        files={
            "conf/config.yaml": "defaults:\n  - model: small\n  - _self_\nrate: 0.1\nseed: 1\n",
            "conf/model/small.yaml": "depth: 2\n",
            "train.py": (
                "import hydra\n"
                "@hydra.main(version_base=None, config_path='conf', config_name='config')\n"
                "def main(config):\n"
                f"    print(config.rate, config.model.depth, {COUNT})\n"
                "main()\n"
            ),
        },
        words=("python", "train.py", "rate=0.3"),
        read={"conf/config.yaml": "config", "conf/model/small.yaml": "config"},
        edits=(
            Edit(of="params", place="depth", file="conf/model/small.yaml", old="2", new="3"),
            Edit(of="seed", place="seed", file="conf/config.yaml", old="seed: 1", new="seed: 2"),
            Edit(of="params", place="rate", words=("rate=0.4",)),
        ),
    ),
    "a make pipeline of shell, awk and Python": Kind(
        files={
            "Makefile": (
                "model.txt: clean.csv train.py\n\tpython train.py\n"
                "clean.csv: rows.csv clean.awk\n\tsort rows.csv | awk -f clean.awk > clean.csv\n"
            ),
            "clean.awk": "{ print tolower($0) }\n",
            "train.py": (
                "print(len(open('clean.csv').read()), flush=True)\n"
                "open('model.txt', 'w').write('m')\n"
            ),
        },
        words=("make", "-B", "-s"),
        read={
            "Makefile": "code",
            "clean.awk": "code",
            "train.py": "code",
            "rows.csv": "data",
            "clean.csv": "intermediate",
            "model.txt": "output",
        },
        edits=(
            ROW,
            Edit(of="code", place="project:clean.awk", file="clean.awk", old="lower", new="upper"),
        ),
    ),
    "pools, a child without variables, staged links and a rename": Kind(
        files={
            "work.py": "def half(value):\n    return value / 2\n",
            "child.py": f"import work\nprint(work.half({COUNT}), flush=True)\n",
            "train.py": (
                "import multiprocessing, os, shutil, subprocess, sys, work\n"
                "if __name__ == '__main__':\n"
                "    with multiprocessing.get_context('spawn').Pool(2) as pool:\n"
                "        print(pool.map(work.half, range(3)), flush=True)\n"
                "    subprocess.run([sys.executable, 'child.py'], env={}, check=True)\n"
                "    os.mkdir('stage')\n"
                "    os.symlink('../rows.csv', 'stage/rows.csv')\n"
                "    text = open('stage/rows.csv').read()\n"
                "    open('stage/model.tmp', 'w').write(text)\n"
                "    os.replace('stage/model.tmp', 'model.txt')\n"
                "    shutil.rmtree('stage')\n"
            ),
        },
        words=("python", "train.py"),
        read={
            "work.py": "code",
            "child.py": "code",
            "rows.csv": "data",
            "model.txt": "output",
        },
        edits=(ROW, Edit(of="code", place="half", file="work.py", old="/ 2", new="/ 4")),
    ),
    "modules in an archive, and a module that only the path leads to": Kind(
        files={
            "lib/ns/inner/plus.py": "P = 1\n",
            "train.py": (
                "import sys\nsys.path.insert(0, 'lib.zip')\n"
                "import knobs, ns.inner.plus\n"
                f"print(knobs.K, ns.inner.plus.P, {COUNT})\n"
            ),
        },
        words=("python", "train.py"),
        variables={"PYTHONPATH": "lib"},
        prepare=zipped,
        read={"lib.zip": "code", "lib/ns/inner/plus.py": "code", "rows.csv": "data"},
        edits=(Edit(of="code", place="P", file="lib/ns/inner/plus.py", old="1", new="2"),),
    ),
    "an environment inside the project, activated by a shell": Kind(
        files={
            "train.py": f"import three\nprint(three.K, {COUNT})\n",
            "run.sh": ". .venv/bin/activate\npython train.py | sed 's/^/rows: /'\n",
        },
        words=("sh", "run.sh"),
        prepare=own_environment,
        read={"run.sh": "code", "train.py": "code", "rows.csv": "data"},
        edits=(ROW, Edit(of="code", place="project:run.sh", file="run.sh", old="rows", new="r")),
        runs_restored=False,  # an environment is rebuilt from its lock, not restored
    ),
}


def lay_out(kind: Kind, project) -> None:
    for name, text in {"rows.csv": ROWS, "notes.md": "unread\n", **kind.files}.items():
        project.write(name, text)
    kind.prepare(project.folder)
    here = os.path.dirname(sys.executable)
    home = str(project.folder.parent)
    path = f"{here}:/usr/bin:/bin"
    project.environ = {**project.environ, **kind.variables, "PATH": path, "HOME": home}
    project.environ.pop("VIRTUAL_ENV", None)


def cleared(kind: Kind, project) -> None:
    """Takes away what the last run made."""
    for path in project.folder.iterdir():
        if path.name not in {".sestina", ".venv", "lib.zip", "lib", "pkg", "conf", "__pycache__"}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, text in {"rows.csv": ROWS, "notes.md": "unread\n", **kind.files}.items():
        project.write(name, text)


def told_by_status(project, **variables: str) -> set[tuple[str, str]]:
    """Returns what the next run would differ in from the first."""
    said = project.sestina("status", runs_of(project)[0], "--json", **variables)
    assert said.returncode == 0, said.stderr
    return {
        (one["ingredient"], one["place"]["name"] or one["place"]["path"])
        for one in json.loads(said.stdout)["changes"]
    }


def runs_of(project) -> list[str]:
    """Returns the names of the runs, the first one first."""
    with project.repo() as repo:
        return [f"run/{row.id[:12]}" for row in reversed(repo.refs.runs())]


def told_by_diff(project) -> list[tuple[str, str | None]]:
    """Returns what differs between the first run and the last."""
    runs = runs_of(project)
    with project.repo() as repo:
        answer = sestina.diff(repo, runs[0], runs[-1])
    return [(one.ingredient, one.place.name or one.place.path) for one in answer.changes]


@pytest.mark.parametrize("name", list(KINDS))
def test_a_project_keeps_its_output_its_recipe_and_its_ingredients_apart(project, another, name):
    kind = KINDS[name]
    if not shutil.which(kind.words[0], path="/usr/bin:/bin") and kind.words[0] != "python":
        pytest.skip(f"{kind.words[0]} is not installed")
    lay_out(kind, project)
    bare = project.command(*kind.words)
    assert bare.returncode == 0, bare.stderr
    cleared(kind, project)

    assert project.run(*kind.words).stdout == bare.stdout
    first = project.last()
    assert first.grade == "complete (kernel)"
    assert kind.read.items() <= kinds_of_files(project).items()
    assert told_by_status(project) == set()
    cleared(kind, project)
    project.write("notes.md", "edited, and read by nobody\n")
    project.run(*kind.words)
    assert project.last().recipe == first.recipe

    lay_out(kind, another)
    another.run(*kind.words, TERM="dumb", SHLVL="7", OLDPWD="/")
    assert another.last().recipe == first.recipe

    ids = project.ids()
    for edit in kind.edits:
        cleared(kind, project)
        script = len(kind.words) - len(edit.words)
        if edit.file:
            text = kind.files.get(edit.file, ROWS)
            assert edit.old in text
            project.write(edit.file, text.replace(edit.old, edit.new))
        if not edit.words:
            assert told_by_status(project, **edit.variables) == {(edit.of, edit.place)}
        project.run(*kind.words[:script], *edit.words, **edit.variables)
        assert {one for one, held in project.ids().items() if held != ids[one]} == {edit.of}
        assert told_by_diff(project) == [(edit.of, edit.place)]

    restored = project.folder.parent / "restored"
    done = project.sestina("restore", runs_of(project)[0], "--into", str(restored))
    assert done.returncode == 0, done.stderr
    for path, what in kind.read.items():
        if what in ("code", "config", "data"):
            held = kind.files.get(path, ROWS if path == "rows.csv" else None)
            assert held is None or (restored / path).read_text() == held
    if kind.runs_restored:
        project.folder = restored
        assert project.command(*kind.words).stdout == bare.stdout


def kinds_of_files(project) -> dict[str, str]:
    name = runs_of(project)[-1]
    shown = json.loads(project.sestina("show", name, "--files", "--json").stdout)
    return {one["path"].removeprefix("project:"): one["kind"] for one in shown["files"]}


def test_a_cache_that_the_first_run_made_is_data_of_the_second_and_of_no_more(project):
    project.write("rows.csv", ROWS)
    project.write(
        "train.py",
        "import os, pickle\n"
        "if os.path.exists('cache.pkl'):\n"
        "    rows = pickle.load(open('cache.pkl', 'rb'))\n"
        "else:\n"
        "    rows = open('rows.csv').read().split()\n"
        "    pickle.dump(rows, open('cache.pkl', 'wb'))\n"
        "print(len(rows))\n",
    )
    seen = []
    for _ in range(3):
        project.run("python", "train.py")
        seen.append(project.ids())
    assert {one for one in seen[0] if seen[0][one] != seen[1][one]} == {"data"}
    assert sorted(told_by_diff(project)) == [
        ("data", "project:cache.pkl"),
        ("data", "project:rows.csv"),
    ]
    assert seen[1] == seen[2]
    made, used, _ = runs_of(project)
    with project.repo() as repo:
        lineage = sestina.lineage(repo, used)
    assert made.partition("/")[2][:8] in repr(lineage)


def test_numbers_of_the_last_run_that_are_read_and_written_anew_are_data_and_no_knobs(project):
    project.write(
        "train.py",
        "import json, os\n"
        "last = json.load(open('metrics.json'))['loss'] if os.path.exists('metrics.json') else 8\n"
        "json.dump({'loss': last / 2}, open('metrics.json', 'w'))\n",
    )
    seen = []
    for _ in range(2):
        project.run("python", "train.py")
        seen.append(project.ids())
    assert {one for one in seen[0] if seen[0][one] != seen[1][one]} == {"data"}
    assert told_by_diff(project) == [("data", "project:metrics.json")]
