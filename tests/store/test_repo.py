"""A repo as a whole: made, opened, committed to, looked back on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sestina.errors import (
    Bug,
    Conflict,
    Corrupt,
    InvalidInput,
    NotFound,
    Refused,
    Unavailable,
    Unsupported,
)
from sestina.kernel import when
from sestina.records.entry import Effect
from sestina.records.version import Note
from sestina.store import commit
from sestina.store.checkup import check
from sestina.store.repo import Repo
from sestina.testing import samples


def note(repo: Repo, text: str) -> str:
    return repo.records.add(Note(about="0" * 64, text=text))


def tag(name: str, record: str | None) -> Effect:
    return Effect(kind="tag", name=name, number=None, record=record)


def test_a_repo_is_found_in_its_folder_or_as_its_folder(repo: Repo, workspace: Path) -> None:
    for where in (workspace, repo.path, str(workspace)):
        with Repo.open(where) as opened:
            assert opened.path == repo.path
            assert opened.workspace == workspace
            assert opened.id == repo.id


def test_a_repo_is_made_once(repo: Repo, workspace: Path) -> None:
    with pytest.raises(Conflict, match="holds a repo already"):
        Repo.create(workspace)


def test_an_interrupted_creation_is_finished_by_the_next(tmp_path: Path) -> None:
    first = Repo.create(tmp_path)
    identifier = first.id
    (first.path / "format").unlink()
    with pytest.raises(NotFound):
        Repo.open(tmp_path)
    assert Repo.create(tmp_path).id == identifier


def test_a_folder_without_a_repo_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Repo.open(tmp_path)
    assert caught.value.hint == "sestina init"


@pytest.mark.parametrize(
    "text",
    ["sestina repository format 2\n", "sestina repository format 1\nchunks\n", "", "nonsense"],
)
def test_a_repo_of_a_newer_format_is_left_alone(repo: Repo, text: str) -> None:
    (repo.path / "format").write_text(text)
    with pytest.raises(Unsupported) as caught:
        Repo.open(repo.path)
    assert caught.value.exit_code == 8


def test_a_config_without_an_id_is_told(repo: Repo) -> None:
    (repo.path / "config.toml").write_text("[repo]\n")
    with pytest.raises(Corrupt, match=r"config\.toml"):
        Repo.open(repo.path)


def test_a_folder_with_a_file_called_format_is_no_repo(tmp_path: Path) -> None:
    (tmp_path / "format").write_text("csv")
    with pytest.raises(NotFound):
        Repo.open(tmp_path)


def test_versions_are_numbered_when_they_are_appended(repo: Repo, workspace: Path) -> None:
    def versions(*models: str) -> list[Effect]:
        return [
            Effect(kind="version", name=model, number=None, record=note(repo, model))
            for model in models
        ]

    first = repo.commit("version", versions("fraud", "fraud", "churn"))
    assert [(e.name, e.number) for e in first.effects] == [("fraud", 1), ("fraud", 2), ("churn", 1)]
    with Repo.open(workspace) as other:
        other.commit("version", versions("fraud"))
    last = repo.commit("version", versions("fraud"))
    assert last.effects[0].number == 4
    assert last.seq == 3


def test_an_entry_says_who_did_what_when_and_why(repo: Repo) -> None:
    before = when.now()
    entry = repo.commit(
        "tag", [tag("paper", note(repo, "x"))], reason="the deadline", evidence=[note(repo, "y")]
    )
    assert (entry.actor, entry.verb, entry.reason) == ("ada", "tag", "the deadline")
    assert before <= entry.clock == entry.at <= when.now()
    assert repo.journal.entry(1) == entry


def test_time_goes_on_when_the_clock_goes_back(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    first = repo.commit("tag", [tag("a", note(repo, "x"))])
    monkeypatch.setattr(when, "now", lambda: "2001-01-01T00:00:00.000000Z")
    second = repo.commit("tag", [tag("b", note(repo, "y"))])
    assert second.clock == "2001-01-01T00:00:00.000000Z"
    assert second.at == when.after(first.at, second.clock) > first.at
    assert ("warn", "journal/clock") in [(f.outcome, f.code) for f in check(repo).findings]


def test_a_tag_never_moves_but_may_be_taken_away(repo: Repo) -> None:
    one, other = note(repo, "one"), note(repo, "other")
    repo.commit("tag", [tag("paper", one)])
    repo.commit("tag", [tag("paper", one)])
    with pytest.raises(Conflict, match="stands for") as caught:
        repo.commit("tag", [tag("paper", other)])
    assert caught.value.why == "a tag never moves"
    repo.commit("tag", [tag("paper", None)])
    repo.commit("tag", [tag("paper", other)])
    assert repo.refs.tags() == [("paper", other)]


def test_a_writer_that_expects_another_state_is_told(repo: Repo) -> None:
    one, other = note(repo, "one"), note(repo, "other")
    keep = Effect(kind="keep", name="best", number=None, record=one)
    repo.commit("keep", [keep], expect=commit.NOTHING)
    with pytest.raises(Conflict) as caught:
        repo.commit("keep", [keep], expect=commit.NOTHING)
    assert caught.value.code == "conflict/expect"
    with pytest.raises(Conflict):
        repo.commit("keep", [keep], expect=other)
    entry = repo.commit("keep", [keep], expect=one)
    assert entry.expect == one
    assert entry.seq == 2


@pytest.mark.parametrize("kind", ["version", "tag", "name", "keep"])
def test_a_name_that_could_not_be_typed_is_refused_before_anything_is_written(
    repo: Repo, kind: str
) -> None:
    record = note(repo, "x")
    for name in ("Fraud", "run", "a/b", "a:1", ""):
        effect = Effect(kind=kind, name=name, number=None, record=record)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput):
            repo.commit("x", [effect])
    assert repo.journal.stored_keys() == []
    assert not (repo.path / "records").exists()


def test_a_ref_to_what_is_not_here_is_a_bug(repo: Repo) -> None:
    with pytest.raises(Bug):
        repo.commit("tag", [tag("paper", "0" * 64)])


def test_the_past_is_as_it_was(repo: Repo) -> None:
    one, other = note(repo, "one"), note(repo, "other")
    first = repo.commit("tag", [tag("paper", one)])
    second = repo.commit("tag", [tag("paper", None), tag("talk", other)])
    assert repo.at(first.at).refs.tags() == [("paper", one)]
    assert repo.at(second.at).refs.tags() == [("talk", other)] == repo.refs.tags()
    assert repo.at("2001-01-01").refs.tags() == []
    with pytest.raises(NotFound):
        repo.at(second.at).refs.resolve("tag/paper")
    with pytest.raises(Refused):
        repo.at(first.at).commit("tag", [tag("x", one)])


def test_a_full_disk_is_told_and_nothing_has_happened(
    repo: Repo, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.seal(repo, samples.add_run(repo), model="fraud")
    run = samples.add_run(repo, outputs={"project:m": b"m"})
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="the disk is full"):
            samples.seal(repo, run)
    with pytest.raises(Unavailable):  # what was lost cannot be committed later by mistake
        repo.commit("tag", [])
    assert list((repo.path / "tmp").iterdir()) == []
    with Repo.open(workspace) as again:
        assert check(again).outcome == "pass"
        assert len(again.refs.runs()) == 1
        samples.seal(again, samples.add_run(again, outputs={"project:m": b"m"}), model="fraud")
        assert [version.number for version in again.refs.versions("fraud")] == [1, 2]


def full(_: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("room", ["blobs", "records", "entry"])
def test_a_disk_that_fills_up_at_any_step_leaves_the_repo_valid(
    repo: Repo, workspace: Path, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    fsync, step, calls = os.fsync, {"blobs": 1, "records": 3, "entry": 5}[room], 0
    samples.seal(repo, samples.add_run(repo), model="fraud")

    def fill_up(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls >= step:
            full(descriptor)
        fsync(descriptor)

    run = samples.add_run(repo, outputs={"project:m": b"m"})
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fill_up)
        with pytest.raises(Unavailable):
            samples.seal(repo, run)
    with Repo.open(workspace) as again:
        assert check(again).outcome == "pass"
        samples.seal(again, samples.add_run(again), model="fraud")
        assert check(again).outcome == "pass"


def test_read_only_media_can_be_read(
    repo: Repo, workspace: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.seal(repo, samples.add_run(repo, outputs={"project:m": b"m"}), model="fraud")
    shutil.rmtree(cache)
    cache.write_text("no folder can be made here")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for name in ("mkdir", "unlink", "link", "replace", "rename"):
        monkeypatch.setattr(os, name, refuse)
    with Repo.open(workspace) as reader:
        assert reader.refs.resolve("fraud:1").kind == "version"
        assert check(reader).outcome in ("pass", "warn")
        assert any("working from memory" in hint for hint in reader.hints)
        with pytest.raises(Unavailable):
            samples.seal(reader, samples.add_run(reader, arguments=["x"]))


def test_two_processes_that_commit_at_once_both_succeed(repo: Repo, workspace: Path) -> None:
    program = (
        "import sys; from sestina.store.repo import Repo; from sestina.testing import samples\n"
        "with Repo.open(sys.argv[1]) as repo:\n"
        "    for number in range(15):\n"
        "        files = {f'project:{sys.argv[2]}': b'%d' % number}\n"
        "        samples.seal(repo, samples.add_run(repo, outputs=files), model='fraud')\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(workspace), name]) for name in "abc"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert [version.number for version in repo.refs.versions("fraud")] == list(range(1, 46))
    assert len(repo.refs.runs()) == 45
    verdict = check(repo)
    assert (verdict.outcome, verdict.findings) == ("pass", ())


def test_a_copy_of_a_repo_goes_its_own_way(repo: Repo, workspace: Path, tmp_path: Path) -> None:
    samples.seal(repo, samples.add_run(repo), model="fraud")
    shutil.copytree(workspace, tmp_path / "copy")
    samples.seal(repo, samples.add_run(repo, arguments=["a"]), model="fraud")
    with Repo.open(tmp_path / "copy") as copy:
        assert len(copy.refs.versions("fraud")) == 1
        samples.seal(copy, samples.add_run(copy, arguments=["b"]), model="fraud")
        assert check(copy).outcome == "pass"
    assert check(repo).outcome == "pass"


def test_a_repo_that_was_put_back_from_a_copy_forgets_what_it_had(
    repo: Repo, workspace: Path, tmp_path: Path
) -> None:
    samples.seal(repo, samples.add_run(repo), model="fraud")
    shutil.copytree(repo.path, tmp_path / "backup")
    run = samples.add_run(repo, data={"project:x": b"later"})
    samples.seal(repo, run, model="fraud")
    repo.close()
    shutil.rmtree(repo.path)
    shutil.copytree(tmp_path / "backup", repo.path)
    with Repo.open(workspace) as again:
        assert len(again.refs.runs()) == 1
        again.contents.add(b"later")
        again.commit("keep", [])
        assert again.contents.read(again.contents.add(b"later")) == b"later"
        assert any("another past" in hint for hint in again.hints)


def test_opening_and_resolving_the_last_run_is_quick(repo: Repo, workspace: Path) -> None:
    for number in range(20):
        samples.seal(repo, samples.add_run(repo, arguments=[str(number)]), model="fraud")
    program = (
        "import sys, time; sys.argv; began = time.process_time()\n"
        "from sestina.store.repo import Repo\n"
        "middle = time.process_time()\n"
        "repo = Repo.open(sys.argv[1]); repo.refs.runs(limit=1)[0]\n"
        "print(middle - began, time.process_time() - middle)"
    )
    best = (9.0, 9.0)
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", program, str(workspace)], capture_output=True, check=True
        )
        imports, opening = map(float, done.stdout.split())
        best = min(best[0], imports), min(best[1], opening)
        time.sleep(0.01)
    assert best[1] < 0.06, best  # ~10 ms on a quiet machine
