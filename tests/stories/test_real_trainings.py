"""Real trainings: nothing in them changes, and everything they touch is accounted for."""

from __future__ import annotations

import json
import re
import shutil

import pytest

LIGHTGBM = """\
import lightgbm, numpy
train = lightgbm.Dataset("train.csv", params={"header": True, "label_column": "name:label"})
valid = lightgbm.Dataset("valid.csv", reference=train)
booster = lightgbm.train(
    {"objective": "binary", "num_leaves": 7, "verbose": -1, "seed": 3, "num_threads": 1},
    train, num_boost_round=20, valid_sets=[valid],
)
booster.save_model("model.txt")
print(sorted(booster.best_score["valid_0"]))
"""
XGBOOST = """\
import xgboost
train = xgboost.DMatrix("train.libsvm?format=libsvm")
booster = xgboost.train({"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, train, 10)
booster.save_model("model.json")
print(booster.num_boosted_rounds())
"""
IMBALANCED = """\
import joblib, pandas
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression
table = pandas.read_csv("train.csv")
pipeline = make_pipeline(SMOTE(random_state=1), LogisticRegression())
pipeline.fit(table.drop(columns="label"), table.label)
joblib.dump(pipeline, "model.joblib")
print(round(pipeline.score(table.drop(columns="label"), table.label), 6))
"""
NATIVE_READERS = """\
import duckdb, polars, pyarrow.parquet
rows = duckdb.sql("select count(*) from 'train.csv'").fetchall()[0][0]
print(rows, polars.read_csv("valid.csv").height, pyarrow.parquet.read_table("t.parquet").num_rows)
"""
SCRIPTS = {
    "lightgbm": (LIGHTGBM, {"train.csv", "valid.csv"}, {"model.txt"}),
    "xgboost": (XGBOOST, {"train.libsvm"}, {"model.json"}),
    "imbalanced": (IMBALANCED, {"train.csv"}, {"model.joblib"}),
    "native": (NATIVE_READERS, {"train.csv", "valid.csv", "t.parquet"}, set()),
}


def lay_out(project) -> None:
    import pandas
    from sklearn.datasets import load_breast_cancer

    table, label = load_breast_cancer(return_X_y=True, as_frame=True)
    table = table.iloc[:, :5].set_axis(list("abcde"), axis=1)
    rows = pandas.concat([label.rename("label"), table], axis=1)
    rows[:400].to_csv(project.folder / "train.csv", index=False)
    rows[400:].to_csv(project.folder / "valid.csv", index=False)
    rows.to_parquet(project.folder / "t.parquet")
    lines = (
        " ".join([str(int(row.label)), *(f"{i}:{v}" for i, v in enumerate(row[1:]))])
        for row in rows.itertuples(index=False)
    )
    project.write("train.libsvm", "\n".join(lines) + "\n")
    for name, (script, _, _) in SCRIPTS.items():
        project.write(f"with_{name}.py", script)


def table_of(project) -> dict[str, dict]:
    """Returns the file table of the last run, by real name below the project."""
    shown = project.sestina("show", run_name(project), "--files", "--json")
    assert shown.returncode == 0, shown.stderr
    return {file["path"]: file for file in json.loads(shown.stdout)["files"]}


def run_name(project) -> str:
    with project.repo() as repo:
        return "run/" + repo.refs.runs()[0].id[:12]


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_a_training_is_unchanged_complete_and_repeatable(project, another, name):
    _, inputs, outputs = SCRIPTS[name]
    lay_out(project)
    bare = project.command("python", f"with_{name}.py")
    assert bare.returncode == 0, bare.stderr
    made = {output: (project.folder / output).read_bytes() for output in outputs}
    for output in outputs:
        (project.folder / output).unlink()

    watched = project.run("python", f"with_{name}.py")
    assert watched.stdout == bare.stdout
    assert {output: (project.folder / output).read_bytes() for output in outputs} == made
    first = project.last()
    assert first.grade == "complete (kernel)"
    files = table_of(project)
    kinds = {path.removeprefix("project:"): file["kind"] for path, file in files.items()}
    assert {path for path, kind in kinds.items() if kind == "data"} == inputs
    assert outputs <= {path for path, kind in kinds.items() if kind == "output"}
    assert kinds[f"with_{name}.py"] == "code"

    project.run("python", f"with_{name}.py")
    assert project.last().recipe == first.recipe
    shutil.copytree(project.folder, another.folder, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns(".sestina"))  # fmt: skip
    another.run("python", f"with_{name}.py")
    assert another.last().recipe == first.recipe


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("name", ["lightgbm", "imbalanced"])
def test_every_file_that_strace_sees_opened_is_accounted_for(project, name):
    lay_out(project)
    log = project.folder.parent / "strace.log"
    calls = "trace=open,openat,openat2,creat"
    traced = project.command(
        "strace", "-f", "-qq", "-y", "-s", "4096", "-e", calls, "-o", str(log),
        "python", f"with_{name}.py",
    )  # fmt: skip
    assert traced.returncode == 0, traced.stderr
    opened = set(re.findall(r"open\w*\(.* = \d+<([^>]+)>$", log.read_text(), re.MULTILINE))
    opened = {path for path in opened if not path.startswith(("/proc", "/sys", "/dev", "pipe:"))}
    project.run("python", f"with_{name}.py")
    shown = json.loads(project.sestina("show", run_name(project), "--files", "--json").stdout)
    roots = {root["name"]: root["value"] for root in shown["roots"]}
    seen = {real(file["path"], roots) for file in shown["files"]}
    unaccounted = {
        path
        for path in opened - seen
        if not (project.folder / path).is_dir() and "__pycache__" not in path
    }
    assert unaccounted == set()


def real(logical: str, roots: dict[str, str]) -> str:
    root, _, rest = logical.partition(":")
    return "/" + rest if root == "abs" else f"{roots[root]}/{rest}"
