"""Code: what was executed, compared by what it means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sestina.ingredients.claims import split
from sestina.ingredients.shelf import ingredient
from sestina.records.answers import Change
from sestina.records.observation import Observation
from sestina.records.settings import Settings
from sestina.store.repo import Repo
from sestina.testing.ingredients import IngredientConformance, observe

CODE = ingredient("code")
TRAIN = b'''#!/usr/bin/env python
"""Trains."""
import json

RATE = 0.5


def fit(rows, depth=3):
    """Returns a model."""
    return [row * depth for row in rows]


class Model:
    kind = "tree"

    def predict(self, row):
        return row + 1


if __name__ == "__main__":
    print(fit([1, 2]))
'''


class TestCode(IngredientConformance):
    ingredient = CODE

    def observation(self, folder: Path) -> Observation:
        (folder / "src").mkdir()
        (folder / "train.py").write_bytes(TRAIN)
        (folder / "train.py").chmod(0o755)
        (folder / "src" / "é \n.py").write_bytes(b"x = 1\r\n")
        (folder / "link.py").symlink_to("train.py")
        (folder / "run.sh").write_bytes(b"echo \x1b[31mred\n")
        kinds = ("train.py", "src/é \n.py", "link.py", "run.sh")
        return observe(folder, dict.fromkeys(kinds, "code"))

    def altered(self, folder: Path) -> Observation:
        seen = self.observation(folder)
        (folder / "train.py").write_bytes(TRAIN.replace(b"depth=3", b"depth=4"))
        (folder / "run.sh").unlink()
        return Observation(**{**_fields(seen), "files": seen.files[:-1]})


def _fields(seen: Observation) -> dict[str, object]:
    return {name: getattr(seen, name) for name in Observation.__dataclass_fields__}


@pytest.fixture
def changes(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Returns a function from two versions of some files to the changes between them."""

    def between(
        old: dict[str, bytes],
        new: dict[str, bytes],
        settings: Settings = Settings(),  # noqa: B008
        name: str = "code",
    ) -> tuple[Change, ...]:
        with Repo.open("memory:") as repo:
            records = []
            for side, files in (("old", old), ("new", new)):
                for path, text in files.items():
                    place = tmp_path / side / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(text)
                seen = observe(tmp_path / side, dict.fromkeys(files, "code"))
                part = split(seen, settings)[name]
                records.append(ingredient(name).gather(part, repo).record)
            return ingredient(name).diff(records[0], records[1], repo).changes

    return between


def test_a_changed_function_is_named_and_the_rest_is_not(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes(
        {"train.py": TRAIN}, {"train.py": TRAIN.replace(b"row * depth", b"row + depth")}
    )
    assert (change.place.kind, change.place.path, change.place.name) == (
        "function", "project:train.py", "fit",
    )  # fmt: skip
    assert (change.kind, change.cosmetic) == ("changed", False)
    assert "+    return [row + depth for row in rows]" in change.detail
    assert all("RATE" not in line for line in change.detail)


def test_a_method_is_named_by_its_class(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes({"m.py": TRAIN}, {"m.py": TRAIN.replace(b"row + 1", b"row + 2")})
    assert change.place.name == "Model.predict"


def test_a_statement_shows_its_text_on_both_sides(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes({"m.py": TRAIN}, {"m.py": TRAIN.replace(b"0.5", b"0.7")})
    assert (change.place.kind, change.place.name) == ("statement", "RATE")
    assert (change.before, change.after, change.detail) == ("RATE = 0.5", "RATE = 0.7", ())


def test_the_head_of_a_class_is_told_apart_from_its_methods(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes(
        {"m.py": TRAIN}, {"m.py": TRAIN.replace(b"class Model", b"@json\nclass Model")}
    )
    assert (change.place.kind, change.place.name) == ("class", "Model")
    assert change.after is not None
    assert "predict" not in change.detail


@pytest.mark.parametrize(
    "benign",
    [
        TRAIN.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + TRAIN,
        TRAIN.replace(
            b"return [row * depth for row in rows]", b"return [(row*depth) for row in rows] # x"
        ),
        TRAIN.replace(b'"""Returns a model."""', b'"""Gives a model."""'),
        TRAIN.replace(b'"tree"', b"'tree'").replace(b"\n\n\n", b"\n"),
    ],
    ids=["line ends", "byte order mark", "layout", "docstring", "quotes"],
)
def test_layout_is_cosmetic(changes, benign: bytes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes({"m.py": TRAIN}, {"m.py": benign})
    assert (change.place.kind, change.kind, change.cosmetic) == ("file", "changed", True)


def test_a_docstring_counts_where_the_program_reads_it(changes) -> None:  # type: ignore[no-untyped-def]
    old = b'"""Usage: a"""\nprint(__doc__)\n'
    assert [it.cosmetic for it in changes({"m.py": old}, {"m.py": old.replace(b" a", b" b")})] == [
        False
    ]


def test_a_function_moved_to_a_new_file_is_moved(changes) -> None:  # type: ignore[no-untyped-def]
    body = b"def fit(rows):\n    return sum(rows)\n"
    found = changes(
        {"train.py": body + b"print(fit([1]))\n"},
        {"train.py": b"from tools import fit\nprint(fit([1]))\n", "tools.py": body},
    )
    assert [(it.kind, it.place.kind, it.place.path, it.place.name) for it in found] == [
        ("added", "file", "project:tools.py", None),
        ("moved", "function", "project:tools.py", "fit"),
        ("added", "statement", "project:train.py", "from tools import fit"),
    ]
    assert (found[1].before, found[1].after) == ("train.py:fit", "tools.py:fit")


def test_a_renamed_function_is_moved_and_its_callers_changed(changes) -> None:  # type: ignore[no-untyped-def]
    found = changes({"m.py": TRAIN}, {"m.py": TRAIN.replace(b"fit", b"train")})
    assert [(it.kind, it.place.name) for it in found] == [
        ("moved", "train"),
        ("changed", "if __name__ == '__main__':"),
    ]


def test_functions_that_look_alike_are_not_taken_for_one_another(changes) -> None:  # type: ignore[no-untyped-def]
    found = changes(
        {"m.py": b"def a(): pass\ndef b(): pass\n"}, {"m.py": b"def c(): pass\ndef d(): pass\n"}
    )
    assert [it.kind for it in found] == ["removed", "removed", "added", "added"]


def test_a_moved_file_is_moved_even_with_another_layout(changes) -> None:  # type: ignore[no-untyped-def]
    found = changes(
        {"a.py": TRAIN, "x.txt": b"1"}, {"b/a.py": TRAIN + b"\n# the end\n", "b/x.txt": b"1"}
    )
    assert [(it.kind, it.before, it.place.path) for it in found] == [
        ("moved", "project:a.py", "project:b/a.py"),
        ("moved", "project:x.txt", "project:b/x.txt"),
    ]


def test_definitions_in_another_order_are_told_once(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes(
        {"m.py": b"def a(): return 1\ndef b(): return 2\n"},
        {"m.py": b"def b(): return 2\ndef a(): return 1\n"},
    )
    assert (change.place.kind, change.kind, change.cosmetic) == ("file", "moved", False)


def test_imports_in_another_order_are_moved(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes({"m.py": b"import a\nimport b\n"}, {"m.py": b"import b\nimport a\n"})
    assert change.kind == "moved"


def test_source_that_this_python_cannot_parse_is_compared_by_lines(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes({"m.py": b"print 'one'\n"}, {"m.py": b"print 'two'\n"})
    assert (change.place.kind, change.cosmetic) == ("file", False)
    assert change.detail == ("@@ -1,2 +1,2 @@", "-print 'one'", "+print 'two'", " ")


def test_other_languages_are_compared_by_lines_and_line_ends_are_cosmetic(changes) -> None:  # type: ignore[no-untyped-def]
    found = changes({"a.sh": b"x\ny\n", "b.R": b"x\n"}, {"a.sh": b"x\r\ny\r\n", "b.R": b"z\n"})
    assert [(it.place.path, it.cosmetic) for it in found] == [
        ("project:a.sh", True),
        ("project:b.R", False),
    ]


def test_no_source_can_write_to_the_terminal(changes) -> None:  # type: ignore[no-untyped-def]
    (change,) = changes({"a.sh": b"x\n"}, {"a.sh": b"\x1b]0;gone\x07\n"})
    assert all(line.isprintable() for line in change.detail)


def test_deep_source_is_compared_all_the_same(changes) -> None:  # type: ignore[no-untyped-def]
    deep = b"x = " + b"1 + " * 5000 + b"1\n"
    found = changes({"m.py": deep}, {"m.py": deep.replace(b"x =", b"y =")})
    assert [it.place.kind for it in found] == ["file"]
    elifs = b"if x == 0:\n    pass\n" + b"".join(
        b"elif x == %d:\n    pass\n" % n for n in range(900)
    )
    assert changes({"n.py": elifs}, {"n.py": elifs + b"y = 1\n"})


def notebook(cells: list[dict[str, object]]) -> bytes:
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def test_a_notebook_is_compared_by_cell_and_outputs_do_not_count(changes) -> None:  # type: ignore[no-untyped-def]
    def code(text: str, **more: object) -> dict[str, object]:
        return {"cell_type": "code", "source": text.splitlines(keepends=True), **more}

    words = {"cell_type": "markdown", "source": "hello"}
    old = notebook([code("x = 1\nprint(x)", outputs=[], execution_count=1), words])
    rerun = notebook([code("x = 1\nprint(x)", outputs=[{"a": 1}], execution_count=7), words])
    edited = notebook([code("x = 2\nprint(x)"), {**words, "source": "bye"}, code("%time y")])
    (change,) = changes({"n.ipynb": old}, {"n.ipynb": rerun})
    assert (change.place.kind, change.cosmetic) == ("file", True)
    found = changes({"n.ipynb": old}, {"n.ipynb": edited})
    assert [(it.place.name, it.kind, it.cosmetic) for it in found] == [
        ("cell 1", "changed", False),
        ("cell 2", "changed", True),
        ("cell 3", "added", False),
    ]


def test_what_features_claim_is_not_reported_by_code(changes) -> None:  # type: ignore[no-untyped-def]
    settings = Settings(features=("f.py",))
    old = b"X = 1\ndef spend(a):\n    return a\n"
    new = b"X = 1\ndef spend(a):\n    return a + 1\ndef trips(a): return a\n"
    assert changes({"f.py": old}, {"f.py": new}, settings) == ()
    found = changes({"f.py": old}, {"f.py": new}, settings, "features")
    assert [(it.place.name, it.kind) for it in found] == [("spend", "changed"), ("trips", "added")]


def test_what_params_claim_is_not_reported_by_code(changes) -> None:  # type: ignore[no-untyped-def]
    old = b"import os\nDEPTH = 3\nMODEL = {'depth': 3, 'seed': 1}\n"
    new = old.replace(b"3", b"4").replace(b"'seed': 1", b"'seed': 2") + b"RATE = 0.5\n"
    assert changes({"settings.py": old}, {"settings.py": new}) == ()


def test_the_command_and_its_folder_are_compared(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        a = CODE.gather(observe(tmp_path, {}, argv=("python", "a.py", "--x"), script=2), repo)
        b = CODE.gather(
            observe(tmp_path, {}, argv=("python", "b c.py"), script=2, folder="project:src"), repo
        )
        found = CODE.diff(a.record, b.record, repo).changes
    assert [(it.place.kind, it.before, it.after) for it in found] == [
        ("command", "python a.py", "python 'b c.py'"),
        ("folder", "project:", "project:src"),
    ]


def test_a_file_that_became_executable_is_told(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        (tmp_path / "a.sh").write_text("x")
        a = CODE.gather(observe(tmp_path, {"a.sh": "code"}), repo)
        (tmp_path / "a.sh").chmod(0o755)
        b = CODE.gather(observe(tmp_path, {"a.sh": "code"}), repo)
        (change,) = CODE.diff(a.record, b.record, repo).changes
    assert (change.before, change.after) == ("file", "executable")


def test_a_file_that_is_gone_makes_custody_missing(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        assert CODE.gather(observe(tmp_path, {"gone.py": "code"}), repo).custody == "missing"
