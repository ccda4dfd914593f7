"""Promise: every verb can answer a program, in a form that is written down and kept to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
TRAIN = """
import json
print(open("data.csv").read())
json.dump({"auc": 0.5}, open("metrics.json", "w"))
"""


def asked(project: Any, *words: str, exits: int = 0) -> dict[str, Any]:
    """Returns what a command answers with --json, which keeps to its schema.

    The answer of `run` is on standard error, as standard output belongs to the command it runs.
    """
    split = words.index("--") if "--" in words else len(words)
    done = project.sestina(*words[:split], "--json", *words[split:])
    assert done.returncode == exits, done.stderr
    answer: dict[str, Any] = json.loads(done.stderr if words[0] == "run" else done.stdout)
    named = answer["schema"].replace("/", "-")
    schema = json.loads((SCHEMAS / f"{named}.json").read_text("utf-8"))
    jsonschema.validate(answer, schema)
    return answer


def test_every_verb_answers_in_json_as_its_schema_says(project: Any) -> None:
    project.write("train.py", TRAIN)
    project.write("data.csv", "a,b\n1,2\n")
    assert asked(project, "init")["created"]
    asked(project, "run", "--name", "first", "--", "python3", "-c", "print(1)")
    project.sestina("run", "--name", "second", "--", "python3", "train.py")
    project.write("data.csv", "a,b\n1,3\n")
    project.sestina("run", "--name", "third", "--", "python3", "train.py")
    assert len(asked(project, "log")["lines"]) == 3
    changes = asked(project, "diff", "second", "third")["changes"]
    assert {change["ingredient"] for change in changes} == {"data"}
    assert asked(project, "show", "third")["schema"] == "sestina.show/1"
    asked(project, "status")
    asked(project, "lineage", "third")
    asked(project, "tag", "paper", "third")
    asked(project, "note", "third", "the one in the paper")
    asked(project, "du")
    asked(project, "restore", "second", "--into", "again")
    [restored] = (project.folder / "again").rglob("data.csv")
    assert restored.read_text() == "a,b\n1,2\n"
    assert asked(project, "check")["outcome"] == "pass"


def test_an_error_is_a_record_on_standard_error(project: Any) -> None:
    project.sestina("init")
    done = project.sestina("show", "nobody:7", "--json")
    error = json.loads(done.stderr)
    assert done.stdout == ""
    assert error["schema"] == "sestina.error/1"
    assert error["code"] == "not-found/model"
    assert error["exit"] == done.returncode == 3
