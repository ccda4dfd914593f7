"""Check: any damaged byte is found, and named with the runs and versions that it hits."""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path

import pytest

from sestina.errors import Conflict, Corrupt, InvalidInput, NotFound, SestinaError
from sestina.kernel.ids import blob_id
from sestina.records.entry import Effect
from sestina.records.facts import Reference
from sestina.records.verdict import Finding, Verdict
from sestina.store import erase
from sestina.store.checkup import check
from sestina.store.journal import BUNDLE
from sestina.store.locks import Lock, Turn
from sestina.store.repo import Repo
from sestina.store.usage import usage
from sestina.testing import samples

CSV, SECRET, LARGE = b"a,b\n1,2\n", b"token=hunter2", b"large" * (2 << 20)
SETTINGS = {"config.toml", "writers"}


@pytest.fixture
def runs(repo: Repo) -> list[str]:
    """Two runs, each with a version; they share the code and not the data."""
    made = []
    for number, data in enumerate((CSV, LARGE), 1):
        run = samples.add_run(
            repo,
            data={"project:data.csv": data},
            outputs={"project:out": b"out %d" % number},
            metrics={"auc": f"0.{number}"},
        )
        samples.seal(repo, run, name=f"run-{number}", model="fraud")
        made.append(run)
    repo.close()
    return made


def verdict(repo: Repo) -> Verdict:
    with Repo.open(repo.path) as again:
        return check(again)


def failures(repo: Repo) -> list[Finding]:
    return [finding for finding in verdict(repo).findings if finding.outcome == "fail"]


def stored(repo: Repo) -> list[Path]:
    return sorted(
        path for path in repo.path.rglob("*") if path.is_file() and path.name not in SETTINGS
    )


def test_a_whole_repo_passes_and_says_what_was_looked_at(repo: Repo, runs: list[str]) -> None:
    found = verdict(repo)
    assert (found.outcome, found.findings) == ("pass", ())
    counted = {item.name: item.value for item in found.counted}
    assert counted["entries"] == "2"
    assert int(counted["records"]) > 12
    assert int(counted["bytes"]) > len(LARGE)


def test_an_empty_repo_passes(repo: Repo) -> None:
    assert verdict(repo).findings == ()


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "delete":
        path.unlink()
    elif how == "truncate":
        path.write_bytes(data[: len(data) // 2])
    elif how == "zero":
        path.write_bytes(bytes(len(data)))
    else:
        place = int(how) * (len(data) - 1) // 8
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


@pytest.mark.parametrize("how", ["delete", "truncate", "zero", *map(str, range(9))])
def test_no_damage_to_any_file_goes_unnoticed(
    repo: Repo, runs: list[str], tmp_path: Path, how: str
) -> None:
    files = [path.relative_to(repo.path) for path in stored(repo)]
    assert len(files) >= 8
    for file in files:
        copy = tmp_path / "copy" / ".sestina"
        shutil.copytree(repo.path, copy)
        with Repo.open(copy) as whole:
            whole.refs.runs()  # so that the index knows the last entry
        damage(copy / file, how)
        try:
            with Repo.open(copy) as damaged:
                found = check(damaged)
        except SestinaError:  # a repo without its format line is none, and says so
            assert file.name == "format"
        else:
            assert found.outcome != "pass", f"{how} {file}: {found.findings}"
        shutil.rmtree(copy.parent)


def test_lengths_that_cannot_be_are_damage_and_cost_no_memory(
    repo: Repo, runs: list[str], tmp_path: Path
) -> None:
    pack = next((repo.path / "packs").iterdir())
    data = pack.read_bytes()
    count, start, _ = struct.unpack("<QQ8s", data[-24:])
    for column in range(3):
        for number in (2**31, 2**62, 2**64 - 1):
            changed = bytearray(data)
            for member in range(count):
                place = start + 57 * member + 32 + 8 * column
                changed[place : place + 8] = number.to_bytes(8, "little")
            pack.write_bytes(changed)
            assert "corrupt/bytes" in {finding.code for finding in failures(repo)}


def test_damage_names_the_runs_and_versions_that_it_hits(repo: Repo, runs: list[str]) -> None:
    loose = repo.path / "blobs" / blob_id(LARGE)[:2] / blob_id(LARGE)[2:]
    damage(loose, "4")
    found = failures(repo)
    assert {finding.code for finding in found} == {"corrupt/bytes", "corrupt/missing-blob"}
    (missing,) = [finding for finding in found if finding.code == "corrupt/missing-blob"]
    assert missing.place == blob_id(LARGE)
    assert missing.hits == ("fraud:2", "run-2", f"run/{runs[1][:8]}")


def test_damage_to_what_both_runs_need_hits_both(repo: Repo, runs: list[str]) -> None:
    for pack in (repo.path / "records").iterdir():
        pack.unlink()
    hits = {name for finding in failures(repo) for name in finding.hits}
    assert hits == {"fraud:1", "fraud:2", "run-1", "run-2", *(f"run/{run[:8]}" for run in runs)}


def test_one_whole_copy_is_enough_and_the_bad_one_is_told(repo: Repo, runs: list[str]) -> None:
    with Repo.open(repo.path) as one, Repo.open(repo.path) as other:
        one.contents.add(b"twice")
        other.contents.add(b"twice"), other.contents.add(b"and more")
        one.commit("keep", [])
        before = set((repo.path / "packs").iterdir())
        other.commit("keep", [])
    (pack,) = set((repo.path / "packs").iterdir()) - before
    pack.write_bytes(pack.read_bytes().replace(b"twice", b"twicf"))
    found = failures(repo)
    assert {finding.code for finding in found} == {"corrupt/bytes"}
    assert {finding.hits for finding in found} == {()}


def test_a_lost_tail_of_the_journal_is_told_where_the_index_remembers(
    repo: Repo, runs: list[str]
) -> None:
    (repo.path / "journal" / "00000002.json").unlink()
    found = verdict(repo)
    assert found.outcome == "warn"
    assert any("another past" in finding.what for finding in found.findings)


def test_an_entry_that_was_rewritten_breaks_the_chain(repo: Repo, runs: list[str]) -> None:
    file = repo.path / "journal" / "00000001.json"
    file.write_bytes(file.read_bytes().replace(b'"actor":"ada"', b'"actor":"eve"'))
    assert "corrupt/journal-chain" in {finding.code for finding in failures(repo)}


def test_a_journal_of_many_bundles_is_read_whole(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    for _ in range(2 * BUNDLE + 1):
        repo.commit("keep", [])
    assert verdict(repo).findings == ()
    bundle = repo.path / "journal" / "00000001-00000256.jsonl"
    bundle.write_bytes(bundle.read_bytes().replace(b'"seq":77,', b'"seq":78,'))
    assert next(f.place for f in failures(repo)) == "journal/00000077.json"


def test_after_damage_in_the_journal_nothing_is_appended(repo: Repo, runs: list[str]) -> None:
    (repo.path / "journal" / "00000001.json").write_bytes(b"{}")
    with Repo.open(repo.path) as again:
        again.catalog.rebuild()
        with pytest.raises(Corrupt, match="exists and cannot be read"):
            again.commit("keep", [])


def test_an_index_that_lies_is_told_and_rebuilt(repo: Repo, runs: list[str]) -> None:
    with Repo.open(repo.path) as again:
        again.refs.runs()
        catalog = again.catalog
        catalog._file.write(  # type: ignore[attr-defined]
            lambda connection: connection.execute("UPDATE effect SET number = 9 WHERE number = 2")
        )
        assert [f.code for f in check(again).findings] == ["catalog/differs"]
        catalog.rebuild()
        assert check(again).findings == ()


def test_what_a_killed_command_left_is_mentioned_and_harms_nothing(
    repo: Repo, runs: list[str]
) -> None:
    (repo.path / "tmp" / "pack-1-x").write_bytes(b"half")
    with Repo.open(repo.path) as again:  # bytes that went down without an entry
        again.contents.add(b"never named")
        again.contents.flush()
    found = verdict(repo)
    assert found.outcome == "pass"
    assert [f.code for f in found.findings] == ["leftover/tmp", "leftover/unreached"]


def test_bytes_that_a_run_says_lie_elsewhere_are_not_missed(repo: Repo) -> None:
    big = Reference(id=blob_id(b"2 TB"), path="abs:big", size=2 << 40)
    tree_only = samples.add_run(repo, referenced=[big], data={"abs:big": b"2 TB"})
    samples.seal(repo, tree_only)
    erase_without_a_trace(repo, blob_id(b"2 TB"))
    assert verdict(repo).findings == ()
    other = samples.add_run(repo, data={"project:other": b"2 TB"})
    samples.seal(repo, other)
    erase_without_a_trace(repo, blob_id(b"2 TB"))
    (missing,) = failures(repo)
    assert missing.hits == (f"run/{other[:8]}",)


def erase_without_a_trace(repo: Repo, blob: str) -> None:
    for key in repo.backend.keys("packs/"):
        erase._rewrite_without(repo, key, blob)
    repo.contents.drawer.index.refresh()


# --- purge -------------------------------------------------------------------------------------


def bytes_on_disk(repo: Repo) -> bytes:
    return b"".join(path.read_bytes() for path in repo.path.rglob("*") if path.is_file())


@pytest.mark.parametrize("secret", [SECRET, LARGE], ids=["packed", "loose"])
def test_a_purged_blob_is_gone_for_good_and_said_to_be(
    repo: Repo, runs: list[str], secret: bytes
) -> None:
    with Repo.open(repo.path) as again:
        run = samples.add_run(again, data={"project:.secret": secret, "project:fine": b"fine"})
        samples.seal(again, run)
        entry = erase.purge(again, blob_id(secret), "a token")
        assert (entry.verb, entry.reason) == ("purge", "a token")
        assert secret not in bytes_on_disk(repo)
        assert not again.contents.has(blob_id(secret))
        assert again.contents.read(blob_id(b"fine")) == b"fine"
        with pytest.raises(NotFound) as caught:
            again.contents.read(blob_id(secret))
        assert caught.value.why == "it was removed for good"
    found = verdict(repo)
    assert found.outcome == "pass"
    (purged,) = found.findings
    assert (purged.code, purged.place) == ("purged/blob", blob_id(secret))
    assert f"run/{run[:8]}" in purged.hits
    assert "a token" in purged.what


def test_purged_bytes_are_never_taken_in_again(repo: Repo, runs: list[str], tmp_path: Path) -> None:
    with Repo.open(repo.path) as again:
        samples.seal(again, samples.add_run(again, data={"project:s": SECRET}))
        erase.purge(again, blob_id(SECRET), "a token")
        (tmp_path / "s").write_bytes(SECRET)
        assert again.contents.add_file(os.fsencode(tmp_path / "s")) == (
            blob_id(SECRET),
            len(SECRET),
        )
        assert again.contents.add(SECRET) == blob_id(SECRET)
        again.commit("keep", [])
    assert SECRET not in bytes_on_disk(repo)
    assert verdict(repo).outcome == "pass"


def test_a_purge_that_was_interrupted_is_told_and_can_be_done_again(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.seal(repo, samples.add_run(repo, data={"project:s": SECRET}))
    with monkeypatch.context() as patched:
        patched.setattr(
            repo.backend, "delete", lambda key: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            erase.purge(repo, blob_id(SECRET), "a token")
    (unfinished,) = failures(repo)
    assert unfinished.code == "purged/still-held"
    erase.purge(repo, blob_id(SECRET), "again")
    assert SECRET not in bytes_on_disk(repo)
    assert verdict(repo).outcome == "pass"


def test_a_purge_empties_what_killed_commands_left(repo: Repo) -> None:
    samples.seal(repo, samples.add_run(repo, data={"project:s": SECRET}))
    (repo.path / "tmp" / "pack-1-x").write_bytes(SECRET)
    erase.purge(repo, blob_id(SECRET), "a token")
    assert SECRET not in bytes_on_disk(repo)


def test_the_next_commit_sweeps_what_killed_commands_left_unless_another_writes(
    repo: Repo,
) -> None:
    samples.seal(repo, samples.add_run(repo))
    left = repo.path / "tmp" / "pack-1-x"
    left.write_bytes(b"half")
    with Repo.open(repo.path) as other:
        other.contents.add(b"pending")
        samples.seal(repo, samples.add_run(repo, arguments=["1"]))
        assert left.exists()
        other.commit("keep", [])
        assert other.contents.read(blob_id(b"pending")) == b"pending"
    assert list((repo.path / "tmp").iterdir()) == []


def test_a_reader_with_an_old_index_finds_what_a_purge_moved(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = samples.add_run(repo, data={"project:s": SECRET, "project:fine": b"fine"})
    samples.seal(repo, run)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "of another user"))
    with Repo.open(repo.path) as reader:
        assert reader.contents.read(blob_id(b"fine")) == b"fine"
        erase.purge(repo, blob_id(SECRET), "a token")
        assert reader.contents.read(blob_id(b"fine")) == b"fine"
        with pytest.raises(NotFound, match="no blob"):
            reader.contents.read(blob_id(SECRET))


def test_a_purge_waits_for_a_command_that_writes(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.seal(repo, samples.add_run(repo, data={"project:s": SECRET}))
    monkeypatch.setattr(Turn, "wait_seconds", 0.1)
    writer = Lock(repo.path / "locks" / "writers", shared=True)
    with pytest.raises(Conflict, match="in use by another sestina"):
        erase.purge(repo, blob_id(SECRET), "a token")
    writer.release()
    erase.purge(repo, blob_id(SECRET), "a token")


def test_only_what_is_here_can_be_purged(repo: Repo) -> None:
    with pytest.raises(NotFound):
        erase.purge(repo, "0" * 64, "none")
    with pytest.raises(InvalidInput):
        erase.purge(repo, "fraud:1", "no id")
    assert repo.journal.stored_keys() == []


def test_a_repo_says_where_its_bytes_are(repo: Repo, runs: list[str]) -> None:
    parts = {part.name: part for part in usage(repo)}
    assert parts["large blobs"].stored == parts["large blobs"].size == len(LARGE)
    assert parts["blobs in packs"].members >= 6
    assert parts["journal"].members == 2
    on_disk = sum(path.stat().st_size for path in stored(repo) if path.parent != repo.path)
    assert sum(part.stored for part in parts.values()) == on_disk


def test_a_keep_or_tag_holds_what_it_names(repo: Repo) -> None:
    tree = samples.add_tree(repo, {"project:a": b"a"})
    repo.commit("keep", [Effect(kind="keep", name="best", number=None, record=tree)])
    for pack in (repo.path / "packs").iterdir():
        pack.unlink()
    assert ("keep best",) in {finding.hits for finding in failures(repo)}


def test_a_run_that_is_sealed_meanwhile_is_no_damage(repo: Repo, runs: list[str]) -> None:
    def seal_another(done: int, packs: int) -> None:
        if done == 1:
            with Repo.open(repo.path) as other:
                samples.seal(other, samples.add_run(other, data={"project:b": b"b"}))

    with Repo.open(repo.path) as reader:
        assert check(reader, seal_another).outcome == "pass"


def test_what_a_purge_moves_meanwhile_is_no_damage(repo: Repo, runs: list[str]) -> None:
    wanted = [blob_id(CSV), blob_id(b"out 1"), blob_id(b"out 2")]

    def purge(done: int, packs: int) -> None:
        assert packs > 1
        if done == 1 and wanted:
            with Repo.open(repo.path) as other:
                while wanted:
                    erase.purge(other, wanted.pop(), "personal")

    with Repo.open(repo.path) as reader:
        assert check(reader, purge).outcome == "pass"


def test_many_who_open_a_new_index_at_once_all_use_it(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from sestina.store.index import index_file

    for attempt in range(10):
        files = [index_file(tmp_path / str(attempt)) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda file: file.work(lambda connection: None), files))
        assert [hint for file in files for hint in file.hints] == []
