"""Data: every other input, told by format, rows and columns."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from sestina.errors import Refused, Unavailable
from sestina.ingredients.claims import split
from sestina.ingredients.shelf import ingredient
from sestina.records.answers import Change, Description
from sestina.records.ingredient import DataRecord, IngredientRef
from sestina.records.observation import Observation
from sestina.records.settings import Dataset, Settings
from sestina.records.tree import Tree, TreeEntry
from sestina.store import trees
from sestina.store.repo import Repo
from sestina.testing.ingredients import IngredientConformance, observe

DATA = ingredient("data")
TRIPS = b"id,fare\n1,2.5\n2,3\n"
SETTINGS = Settings(datasets=(Dataset(name="trips", patterns=("data/trips*",)),))


class TestData(IngredientConformance):
    ingredient = DATA
    settings = SETTINGS

    def observation(self, folder: Path) -> Observation:
        (folder / "data").mkdir()
        names = ["data/trips.csv", "data/-rf", "data/" + "é" * 100, "data/new\nline.bin", "empty"]
        for name in names:
            (folder / name).write_bytes(TRIPS if name.endswith("csv") else name.encode())
        raw = os.fsencode(folder) + b"/data/\xff\xfe.bin"
        with open(raw, "wb") as made:
            made.write(b"\0\1")
        (folder / "data/latest").symlink_to("trips.csv")
        return observe(
            folder, dict.fromkeys([*names, "data/\udcff\udcfe.bin", "data/latest"], "data")
        )

    def altered(self, folder: Path) -> Observation:
        seen = self.observation(folder)
        (folder / "data/trips.csv").write_bytes(TRIPS + b"3,1\n")
        (folder / "more.csv").write_bytes(b"x\n1\n")
        more = observe(folder, {"more.csv": "data"}).files
        kept = tuple(file for file in seen.files if not file.path.endswith("empty"))
        return replace(seen, files=kept + more)


def gathered(
    folder: Path, files: dict[str, bytes], repo: Repo, settings: Settings = SETTINGS
) -> IngredientRef:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    seen = split(observe(folder, dict.fromkeys(files, "data")), settings)
    return DATA.gather(seen["data"], repo)


def changes(
    tmp_path: Path,
    old: dict[str, bytes],
    new: dict[str, bytes],
    settings: tuple[Settings, Settings] = (SETTINGS, SETTINGS),
) -> tuple[Change, ...]:
    with Repo.open("memory:") as repo:
        a = gathered(tmp_path / "a", old, repo, settings[0])
        b = gathered(tmp_path / "b", new, repo, settings[1])
        return DATA.diff(a.record, b.record, repo).changes


def described(tmp_path: Path, files: dict[str, bytes]) -> Description:
    with Repo.open("memory:") as repo:
        return DATA.describe(gathered(tmp_path, files, repo).record, repo)


def test_a_changed_table_tells_rows_and_columns_of_both_sides(tmp_path: Path) -> None:
    (change,) = changes(
        tmp_path,
        {"data/trips.csv": TRIPS},
        {"data/trips.csv": b"id,fare,tip\n1,2.5,0\n2,3,\n3,x,1\n"},
    )
    assert (change.place.kind, change.place.path, change.place.name) == (
        "file", "project:data/trips.csv", "trips",
    )  # fmt: skip
    assert change.before == "2 rows × 2 columns, 18 B"
    assert change.after == "3 rows × 3 columns, 31 B"
    assert change.detail[:2] == ("+ column tip: int", "~ column fare: float → text")
    assert not change.cosmetic


def test_equal_shapes_are_told_apart_by_id(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, {"x.csv": TRIPS}, {"x.csv": TRIPS.replace(b"2.5", b"2.6")})
    assert change.before != change.after
    assert change.detail == ("@@ -2 +2 @@", "-1,2.5", "+1,2.6")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("a.csv", TRIPS, b'"id","fare"\r\n"1","2.5"\r\n2,3'),
        ("a.jsonl", b'{"a": 1, "b": [1, 2]}\n', b'{"b":[1,2],"a":1}'),
        ("a.json", b'[{"a": 1.50}]', b'[\n {"a": 1.5}\n]\n'),
        ("a.txt", b"one\ntwo\n", "one\ntwo\n".encode("utf-16")),
    ],
)  # fmt: skip
def test_equal_values_in_other_bytes_are_cosmetic(
    tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    (change,) = changes(tmp_path, {name: old}, {name: new})
    assert change.cosmetic


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("a.csv", b"a;b\n1;2\n", b"a,b\n1,2\n"),
        ("a.csv", b"a\n\xe9\n", b"a\n\xe8\n"),
        ("a.csv", b"a\n01\n", b"a\n1\n"),
        ("a.csv", b"a\n1\n", b"a\n1\n\n1\n"),
        ("a.json", b'{"a": 1}', b'{"a": true}'),
        ("a.json", b'{"a": 1}', b'{"a": 1.0}'),
        ("a.json", b'{"a": 1, "a": 2}', b'{"a": 2}'),
        ("a.json", b"[" * 100_000, b"[" * 100_001),
        ("a.jsonl", b'{"a": 1}\n{"a": 2}\n', b'{"a": 2}\n{"a": 1}\n'),
        ("a.bin", b"\0\r\n", b"\0\n"),
    ],
)  # fmt: skip
def test_other_values_are_never_cosmetic(tmp_path: Path, name: str, old: bytes, new: bytes) -> None:
    (change,) = changes(tmp_path, {name: old}, {name: new})
    assert not change.cosmetic


def test_a_moved_file_and_a_renamed_dataset(tmp_path: Path) -> None:
    renamed = Settings(datasets=(Dataset(name="rides", patterns=("data/",)),))
    found = changes(
        tmp_path, {"data/trips.csv": TRIPS}, {"data/2/trips.csv": TRIPS}, (SETTINGS, renamed)
    )
    assert [(it.kind, it.place.kind, it.place.name, it.cosmetic) for it in found] == [
        ("added", "dataset", "rides", True),
        ("removed", "dataset", "trips", True),
        ("moved", "file", "rides", False),
    ]


def test_many_changes_of_one_folder_are_one_line(tmp_path: Path) -> None:
    many = {f"img/{n:04}.txt": b"%d" % n for n in range(150)}
    found = changes(tmp_path, {**many, "x.csv": TRIPS}, {"x.csv": TRIPS + b"4,1\n"})
    assert [(it.place.kind, it.kind, it.before) for it in found] == [
        ("folder", "removed", "150 files removed"),
        ("file", "changed", "2 rows × 2 columns, 18 B"),
    ]
    assert "0000.txt" in found[0].detail[0]


def test_many_files_of_one_folder_are_described_in_one_line(tmp_path: Path) -> None:
    told = described(tmp_path, {f"img/{n}.txt": b"12345" for n in range(30)} | {"x.csv": TRIPS})
    assert told.summary == "31 files, 168 B"
    assert [(item.name, item.value) for item in told.items] == [
        ("x.csv", "18 B csv, 2 rows × 2 columns"),
        ("img/", "30 files, 150 B"),
    ]


def test_datasets_are_described_by_name(tmp_path: Path) -> None:
    told = described(tmp_path, {"data/trips.csv": TRIPS, "x.bin": b"\0"})
    assert told.summary == "1 dataset, 2 files, 19 B"
    assert (told.items[0].name, told.items[0].value) == ("trips", "1 file, 18 B")


def test_a_file_over_the_size_cap_is_referenced_and_its_absence_told(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        (tmp_path / "big").write_bytes(b"big")
        (tmp_path / "small").write_bytes(b"small")
        seen = observe(tmp_path, {"big": "data", "small": "data"})
        files = tuple(replace(file, keep=file.path != "project:big") for file in seen.files)
        ref = DATA.gather(replace(seen, files=files), repo)
        assert ref.custody == "referenced"
        with pytest.raises(Unavailable, match="1 files"):
            DATA.restore(ref.record, repo, tmp_path / "out")
        assert (tmp_path / "out/small").read_bytes() == b"small"
        told = DATA.describe(ref.record, repo)
        assert "bytes not held by this repo" in {item.remark for item in told.items}


def test_files_of_other_roots_are_restored_beside_the_project(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        (tmp_path / "x").write_bytes(b"x")
        seen = observe(tmp_path, {"x": "data"})
        outside = replace(seen, files=(replace(seen.files[0], path="abs:mnt/x"),))
        DATA.restore(DATA.gather(outside, repo).record, repo, tmp_path / "out")
        assert (tmp_path / "out/.outside/abs/mnt/x").read_bytes() == b"x"


def test_a_file_that_became_a_folder_under_the_run_does_not_stop_the_seal(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/x").write_bytes(b"x")
    seen = observe(tmp_path, {"d/x": "data"})
    link = replace(seen.files[0], path="project:d", link=b"elsewhere")
    with Repo.open("memory:") as repo:
        ref = DATA.gather(replace(seen, files=(link, *seen.files)), repo)
        tree = repo.records.get(ref.record, DataRecord).files
        assert [leaf.path for leaf in trees.walk(repo, tree)] == ["project:d/x"]


def hostile(repo: Repo, *names: str) -> str:
    """Returns a data record whose tree has names that no capture would write."""
    blob = repo.contents.add(b"evil")
    entry = TreeEntry(name=names[-1], mode="file", id=blob, size=4)
    for name in reversed(("project", *names[:-1])):
        tree = repo.records.add(Tree(entries=(entry,)))
        entry = TreeEntry(name=name, mode="tree", id=tree, size=4)
    top = repo.records.add(Tree(entries=(entry,)))
    return repo.records.add(DataRecord(files=top, datasets=()))


@pytest.mark.parametrize(
    "names", [("..", "x"), ("../../x",), ("/etc/x",), (".", "x"), ("a\\x00b",)]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, names: tuple[str, ...]) -> None:
    with Repo.open("memory:") as repo:
        record = hostile(repo, *names)
        with pytest.raises(Refused):
            DATA.restore(record, repo, tmp_path / "deep" / "out")  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_link_where_a_folder_should_be_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/data").symlink_to("../away")
    with Repo.open("memory:") as repo:
        record = gathered(tmp_path / "a", {"data/x": b"x"}, repo).record
        with pytest.raises(Refused, match="project:data/x"):
            DATA.restore(record, repo, tmp_path / "out")
    assert list((tmp_path / "away").iterdir()) == []


def test_a_link_where_a_file_should_be_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "away").write_bytes(b"mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x").symlink_to("../away")
    with Repo.open("memory:") as repo:
        DATA.restore(gathered(tmp_path / "a", {"x": b"x"}, repo).record, repo, tmp_path / "out")
    assert (tmp_path / "away").read_bytes() == b"mine"
    assert (tmp_path / "out/x").read_bytes() == b"x"
