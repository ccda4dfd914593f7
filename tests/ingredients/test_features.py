"""Features: functions claimed by the settings or the decorator."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sestina.ingredients.claims import split
from sestina.ingredients.features.cut import cuts
from sestina.ingredients.shelf import ingredient
from sestina.records.answers import Change
from sestina.records.observation import Observation, SeenFile
from sestina.records.settings import Settings
from sestina.store.repo import Repo
from sestina.testing.ingredients import IngredientConformance, observe

FEATURES = ingredient("features")
SPEND = b'''import sestina

LIMIT = 3


@sestina.features
def spend(rows):
    """Returns the sum."""
    return sum(row for row in rows if row < LIMIT)


class Trips:
    @staticmethod
    def count(rows):
        return len(rows)
'''


def file(name: str = "features.py") -> SeenFile:
    return SeenFile(path=f"project:{name}", real=b"", at=b"", kind="code", rule="", size=0)


def names(text: bytes, *patterns: str, path: str = "features.py") -> list[str]:
    return [cut.name for cut in cuts(file(path), text, Settings(features=patterns))]


class TestFeatures(IngredientConformance):
    ingredient = FEATURES
    settings = Settings(features=("features.py",))

    def observation(self, folder: Path) -> Observation:
        (folder / "features.py").write_bytes(SPEND)
        return observe(folder, {"features.py": "code"})

    def altered(self, folder: Path) -> Observation:
        seen = self.observation(folder)
        (folder / "features.py").write_bytes(
            SPEND.replace(b"row < LIMIT", b"row <= LIMIT").replace(b"len(rows)", b"len(rows) + 1")
        )
        return seen


def test_the_decorator_claims_its_function_without_any_settings() -> None:
    assert names(SPEND) == ["spend"]
    called = SPEND.replace(b"@sestina.features", b"@features(keys=['id'])")
    assert names(called) == ["spend"]


def test_a_decorator_of_somebody_else_claims_nothing() -> None:
    assert names(SPEND.replace(b"sestina", b"feast")) == []


def test_a_pattern_claims_functions_and_methods_of_a_file() -> None:
    assert names(SPEND, "*.py") == ["spend", "Trips.count"]
    assert names(SPEND, "src/") == ["spend"]
    assert names(SPEND, "src/", path="src/deep/f.py") == ["spend", "Trips.count"]
    assert names(SPEND.replace(b"@sestina", b"@x"), "*.py", "!features.py") == []


def test_a_pattern_may_name_functions() -> None:
    plain = SPEND.replace(b"@sestina.features\n", b"")
    assert names(plain, "features.py:sp*") == ["spend"]
    assert names(plain, "features.py:Trips.*") == ["Trips.count"]
    assert names(plain, "other.py:*") == []


def test_what_is_defined_inside_a_feature_belongs_to_it() -> None:
    text = b"def outer():\n    def inner(): pass\n    class A:\n        def f(self): pass\n"
    assert names(text, "*.py") == ["outer"]


def test_a_function_of_a_branch_is_found() -> None:
    assert names(b"if x:\n    def f(): pass\nelse:\n    def f(): return 1\n", "*.py") == ["f", "f"]


def test_spans_are_bytes_that_start_at_the_decorator() -> None:
    text = (
        "# é\r\nx = 'ü'; y = 1\r\n@ (\r\n  deco)\r\ndef f(): return 'é'  # ö\r\nz = 1\r\n".encode()
    )
    (cut,) = cuts(file(), text, Settings(features=("*.py",)))
    assert cut.data == "@ (\r\n  deco)\r\ndef f(): return 'é'".encode()


def test_source_in_another_encoding_is_not_cut() -> None:
    text = "# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1")
    assert names(text, "*.py") == []
    assert names(b"# coding: nonsense\ndef f(): pass\n", "*.py") == []


def test_source_that_cannot_be_parsed_is_not_cut() -> None:
    assert names(b"@sestina.features\ndef f(:\n", "*.py") == []
    assert names(b"def f(): pass\0", "*.py") == []


def test_a_file_that_is_not_code_is_not_cut() -> None:
    data = SeenFile(path="project:f.py", real=b"", at=b"", kind="data", rule="", size=0)
    assert cuts(data, SPEND, Settings(features=("*.py",))) == []


LINES = st.lists(
    st.sampled_from(
        ["def f{n}(): return 'é'", "class C{n}:", "    def m(self): pass", "    @deco",
         "@sestina.features", "    x = 1", "x = 'ü'; y = 2", "# é", "", "if x:",
         "async def g{n}(): pass", "\x0c"]
    ),
    max_size=12,
)  # fmt: skip


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff"]))
def test_a_span_is_always_a_whole_function(lines: list[str], end: str, bom: str) -> None:
    text = (bom + end.join(line.replace("{n}", str(n)) for n, line in enumerate(lines))).encode()
    for cut in cuts(file(), text, Settings(features=("*.py",))):
        held = text[cut.start : cut.end]
        assert held.startswith((b"def ", b"async def ", b"@"))
        assert b"def " + cut.name.rpartition(".")[2].encode() + b"(" in held


def changes(
    tmp_path: Path, old: bytes, new: bytes, names: tuple[str, str] = ("f.py", "f.py")
) -> list[Change]:
    settings = Settings(features=("*.py",))
    with Repo.open("memory:") as repo:
        records = []
        for side, name, text in (("a", names[0], old), ("b", names[1], new)):
            (tmp_path / side).mkdir()
            (tmp_path / side / name).write_bytes(text)
            seen = split(observe(tmp_path / side, {name: "code"}), settings)["features"]
            records.append(FEATURES.gather(seen, repo).record)
        return list(FEATURES.diff(records[0], records[1], repo).changes)


def test_layout_and_docstrings_of_a_feature_are_cosmetic(tmp_path: Path) -> None:
    benign = SPEND.replace(b"the sum", b"a sum").replace(
        b"return len(rows)", b"return (len(rows)) # n"
    )
    found = changes(tmp_path, SPEND, benign)
    assert [(it.place.name, it.cosmetic) for it in found] == [
        ("Trips.count", True),
        ("spend", True),
    ]


def test_a_renamed_feature_is_moved(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, SPEND, SPEND.replace(b"def spend", b"def outlay"))
    assert (change.kind, change.before, change.after) == (
        "moved", "spend", "outlay",
    )  # fmt: skip


def test_features_of_a_moved_file_are_moved(tmp_path: Path) -> None:
    found = changes(tmp_path, SPEND, SPEND, ("f.py", "g.py"))
    assert [(it.kind, it.place.path) for it in found] == [("moved", "project:g.py")] * 2


def test_a_changed_feature_shows_its_lines(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, SPEND, SPEND.replace(b"row < LIMIT", b"row > LIMIT"))
    assert not change.cosmetic
    assert any(line.startswith("+") and "row > LIMIT" in line for line in change.detail)


def test_a_description_lists_the_functions(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_bytes(SPEND)
    with Repo.open("memory:") as repo:
        seen = split(observe(tmp_path, {"f.py": "code"}), Settings(features=("*.py",)))["features"]
        told = FEATURES.describe(FEATURES.gather(seen, repo).record, repo)
    assert told.summary == "2 functions in 1 file"
    assert [(item.name, item.value) for item in told.items] == [
        ("Trips.count", "f.py"),
        ("spend", "f.py"),
    ]
