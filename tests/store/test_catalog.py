"""The catalog: an index that may be lost, damaged or locked at any time, with the same answers."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sestina.kernel.ids import blob_id
from sestina.records.entry import Effect
from sestina.records.version import Note
from sestina.store.repo import Repo
from sestina.testing import samples

CSV, MODEL = b"a,b\n1,2\n", b"model"


@pytest.fixture
def lineage(repo: Repo) -> dict[str, str]:
    """Prepare writes the table, two trainings read it (one from another path), one serves it."""
    prepare = samples.add_run(repo, outputs={"project:clean.csv": CSV})
    samples.seal(repo, prepare)
    train = samples.add_run(
        repo,
        data={"project:clean.csv": CSV},
        outputs={"project:m.pkl": MODEL},
        metrics={"auc": "0.91", "loss": "0.25"},
    )
    samples.seal(repo, train, name="nightly", model="fraud")
    copy = samples.add_run(repo, data={"home:copy.csv": CSV}, outputs={"abs:tmp/m.pkl": MODEL})
    samples.seal(repo, copy)
    return {"prepare": prepare, "train": train, "copy": copy}


def test_a_run_is_listed_with_what_it_made(repo: Repo, lineage: dict[str, str]) -> None:
    rows = repo.refs.runs()
    assert [row.id for row in rows] == [lineage["copy"], lineage["train"], lineage["prepare"]]
    assert [row.seq for row in rows] == [3, 2, 1]
    train = rows[1]
    assert (train.name, train.versions, train.grade) == (
        "nightly",
        ("fraud:1",),
        "complete (kernel)",
    )
    assert (train.exit, train.actor) == (0, "ada")
    assert repo.catalog.run(lineage["train"]) == train
    assert repo.catalog.run("0" * 64) is None
    assert repo.refs.runs(limit=1) == rows[:1]
    assert repo.catalog.metrics(lineage["train"]) == [
        ("auc", "0.91", "code"),
        ("loss", "0.25", "code"),
    ]


def test_an_input_links_to_the_run_that_wrote_it(repo: Repo, lineage: dict[str, str]) -> None:
    (producer,) = repo.catalog.producers(blob_id(CSV), "project:clean.csv")
    assert (producer.run, producer.path, producer.same_path) == (
        lineage["prepare"], "project:clean.csv", True,
    )  # fmt: skip
    consumers = repo.catalog.consumers(blob_id(CSV), "project:clean.csv")
    assert [(use.run, use.ingredient, use.same_path) for use in consumers] == [
        (lineage["train"], "data", True),
        (lineage["copy"], "data", False),
    ]
    assert len(repo.catalog.runs_with(blob_id(CSV))) == 3
    assert repo.catalog.producers(blob_id(b"never")) == []


def test_where_two_runs_wrote_the_same_all_are_told_the_same_path_first(
    repo: Repo, lineage: dict[str, str]
) -> None:
    def runs(path: str | None) -> list[str]:
        return [use.run for use in repo.catalog.producers(blob_id(MODEL), path)]

    assert runs("project:m.pkl") == [lineage["train"], lineage["copy"]]
    assert runs("abs:tmp/m.pkl") == [lineage["copy"], lineage["train"]]
    assert runs(None) == [lineage["copy"], lineage["train"]]


def test_the_past_knows_no_later_lineage(repo: Repo, lineage: dict[str, str]) -> None:
    before = repo.at(repo.journal.entry(2).at).catalog
    assert [use.run for use in before.consumers(blob_id(CSV))] == [lineage["train"]]
    assert [row.id for row in before.runs()] == [lineage["train"], lineage["prepare"]]


def test_notes_are_found_by_what_they_are_about(repo: Repo, lineage: dict[str, str]) -> None:
    first = repo.records.add(Note(about=lineage["train"], text="good"))
    second = repo.records.add(Note(about=lineage["train"], text="better"))
    for note in (first, second):
        repo.commit("note", [Effect(kind="note", name="nightly", number=None, record=note)])
    assert [record for _, _, record in repo.catalog.notes(lineage["train"])] == [first, second]
    assert repo.catalog.notes(lineage["copy"]) == []


def test_a_rebuilt_catalog_gives_the_same_answers(repo: Repo, lineage: dict[str, str]) -> None:
    before = repo.catalog.dump(), repo.refs.runs(), repo.refs.versions()
    repo.catalog.rebuild()
    assert (repo.catalog.dump(), repo.refs.runs(), repo.refs.versions()) == before


def database(cache: Path, name: str) -> Path:
    (found,) = cache.rglob(name)
    return found


@pytest.mark.parametrize("name", ["catalog.sqlite", "index.sqlite"])
@pytest.mark.parametrize("how", ["garbage", "torn", "empty", "folder", "old", "other"])
def test_a_damaged_index_is_made_anew(
    repo: Repo, lineage: dict[str, str], cache: Path, name: str, how: str
) -> None:
    before = repo.catalog.dump()
    repo.close()
    file = database(cache, name)
    data = file.read_bytes()
    file.unlink()
    if how == "folder":
        file.mkdir()
    elif how in ("old", "other"):
        with sqlite3.connect(file) as made:
            made.execute("CREATE TABLE run (x)" if how == "old" else "CREATE TABLE entry (y)")
        made.close()
    else:
        scrambled = data[:4096] + bytes(byte ^ 0x55 for byte in data[4096:])
        file.write_bytes({"garbage": b"nonsense" * 999, "torn": scrambled, "empty": b""}[how])
    with Repo.open(repo.path) as again:
        assert again.catalog.dump() == before
        assert again.contents.read(blob_id(CSV)) == CSV
        samples.seal(again, samples.add_run(again, arguments=["next"]), model="fraud")
        assert len(again.refs.versions("fraud")) == 2


def test_a_catalog_that_is_damaged_under_an_open_repo_is_made_anew(
    repo: Repo, lineage: dict[str, str], cache: Path
) -> None:
    before = repo.catalog.dump()
    repo.close()
    with Repo.open(repo.path) as again:
        again.refs.runs(limit=1)
        file = database(cache, "catalog.sqlite")
        file.write_bytes(file.read_bytes()[:4096] + b"\xff" * (file.stat().st_size - 4096))
        assert again.catalog.dump() == before


def test_an_index_that_somebody_locks_is_done_without(
    repo: Repo, lineage: dict[str, str], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sestina.store.sqlitefile._WAIT_SECONDS", 0.1)
    repo.close()
    other = sqlite3.connect(database(cache, "catalog.sqlite"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Repo.open(repo.path) as again:
        samples.seal(again, samples.add_run(again, arguments=["next"]), model="fraud")
        assert len(again.refs.versions("fraud")) == 2
        assert any("locked" in hint for hint in again.hints)
    other.close()


def test_an_unwritable_cache_is_done_without(
    repo: Repo, lineage: dict[str, str], cache: Path
) -> None:
    before = repo.catalog.dump()
    repo.close()
    for file in cache.rglob("*.sqlite*"):
        file.unlink()
    folder = next(cache.rglob("????????"))
    folder.rmdir()
    folder.write_text("in the way")
    with Repo.open(repo.path) as again:
        assert again.catalog.dump() == before
        assert again.contents.read(blob_id(CSV)) == CSV
        assert any("working from memory" in hint for hint in again.hints)


def test_readers_follow_what_other_processes_append(repo: Repo, lineage: dict[str, str]) -> None:
    assert len(repo.refs.runs()) == 3
    program = (
        "import sys; from sestina.store.repo import Repo; from sestina.testing import samples\n"
        "with Repo.open(sys.argv[1]) as repo:\n"
        "    samples.seal(repo, samples.add_run(repo, arguments=['z']))"
    )
    subprocess.run([sys.executable, "-c", program, str(repo.path)], check=True)
    assert len(repo.refs.runs()) == 4
    assert repo.records.get_any(repo.refs.runs()[0].recipe or "").KIND == "recipe"


def test_a_run_whose_record_is_gone_is_still_listed(repo: Repo, lineage: dict[str, str]) -> None:
    repo.close()
    for pack in sorted((repo.path / "records").iterdir()):
        if lineage["train"] in {m.id for m in members(repo, pack)}:
            pack.unlink()
    with Repo.open(repo.path) as again:
        again.catalog.rebuild()
        assert [row.id for row in again.refs.runs()] == [
            lineage["copy"], lineage["train"], lineage["prepare"],
        ]  # fmt: skip
        assert again.refs.runs()[1].recipe is None


def members(repo: Repo, pack: Path) -> list[object]:
    from sestina.store.index import read_directory

    return list(read_directory(repo.backend, f"records/{pack.name}"))
