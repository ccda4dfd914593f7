"""Blobs: what was added is read back exactly, from wherever it lies, and only if it is whole."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.errors import Conflict, Corrupt, InvalidInput, NotFound, Refused
from sestina.kernel.ids import blob_id
from sestina.records.entry import Effect
from sestina.store import contents as room
from sestina.store import packs
from sestina.store.repo import Repo

LARGE = os.urandom(1 << 20) + bytes(8 << 20)
NOTHING: list[Effect] = []


def old(path: Path) -> bytes:
    """The path as bytes, the file old enough to be remembered."""
    time.sleep(0.05)
    return os.fsencode(path)


def keep(repo: Repo, *blobs: bytes) -> list[str]:
    ids: list[str] = [repo.contents.add(blob) for blob in blobs]
    repo.commit("keep", NOTHING)
    return ids


@pytest.mark.parametrize("where", ["pending", "committed", "reopened", "index lost"])
@pytest.mark.parametrize("data", [b"", b"x", b"abc" * 9000, os.urandom(70_000), LARGE], ids=len)
def test_bytes_come_back_exactly(repo: Repo, cache: Path, data: bytes, where: str) -> None:
    identifier = repo.contents.add(data)
    reader = repo
    if where != "pending":
        repo.commit("keep", NOTHING)
    if where == "index lost":
        for file in cache.rglob("*.sqlite*"):
            file.unlink()
    if where in ("reopened", "index lost"):
        reader = Repo.open(repo.path)
    assert identifier == blob_id(data)
    assert reader.contents.has(identifier)
    assert reader.contents.size(identifier) == len(data)
    assert reader.contents.read(identifier) == data
    with reader.contents.open(identifier) as stream:
        stream.seek(len(data) // 2)
        assert stream.read() == data[len(data) // 2 :]


def test_what_was_not_committed_is_dropped_and_leaves_nothing(repo: Repo) -> None:
    small, large = repo.contents.add(b"small"), repo.contents.add(LARGE)
    repo.close()
    again = Repo.open(repo.path)
    assert not again.contents.has(small)
    assert not again.contents.has(large)
    assert list((repo.path / "tmp").iterdir()) == []


def test_one_commit_makes_one_pack_whatever_was_added(repo: Repo) -> None:
    keep(repo, *[b"blob %d" % number for number in range(500)])
    assert len(list((repo.path / "packs").iterdir())) == 1
    assert not (repo.path / "blobs").exists()


def test_a_large_file_lies_plain_under_its_id(repo: Repo, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(LARGE)
    identifier, size = repo.contents.add_file(os.fsencode(file))
    repo.commit("keep", NOTHING)
    assert size == len(LARGE)
    assert (repo.path / "blobs" / identifier[:2] / identifier[2:]).read_bytes() == LARGE
    assert not (repo.path / "packs").exists()


def test_what_compresses_is_compressed_and_what_does_not_is_not(repo: Repo) -> None:
    keep(repo, b"spam and eggs " * 50_000, os.urandom(100_000))
    (pack,) = (repo.path / "packs").iterdir()
    assert 100_000 < pack.stat().st_size < 110_000


@given(st.binary(max_size=3000) | st.binary(max_size=40).map(lambda piece: piece * 900))
def test_storing_never_changes_bytes(data: bytes) -> None:
    encoding, stored = packs.encode(data)
    member = packs.Member(blob_id(data), 0, len(stored), len(data), encoding)
    assert packs.decode(member, stored) == data
    assert len(stored) <= len(data)


def test_bytes_that_are_held_are_not_written_again(repo: Repo, workspace: Path) -> None:
    keep(repo, b"once", LARGE)
    keep(repo, b"once", LARGE)
    with Repo.open(workspace) as again:
        keep(again, b"once")
    assert len(list((repo.path / "packs").iterdir())) == 1


def test_an_unchanged_file_is_not_read_again(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"1,2\n")
    known = repo.contents.add_file(old(file))
    repo.commit("keep", NOTHING)
    monkeypatch.setattr(room.files, "_opened", lambda _: pytest.fail("the file was opened"))
    assert repo.contents.add_file(os.fsencode(file)) == known
    assert repo.contents.identify(os.fsencode(file)) == known
    assert Repo.open(repo.path).contents.identify(os.fsencode(file)) == known


@pytest.mark.parametrize("how", ["size", "same size", "mtime put back", "replaced"])
def test_a_changed_file_is_read_again(repo: Repo, tmp_path: Path, how: str) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"1,2\n")
    before = os.stat(file)
    repo.contents.add_file(old(file))
    repo.commit("keep", NOTHING)
    if how == "replaced":
        (tmp_path / "new").write_bytes(b"3,4\n")
        os.utime(tmp_path / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(tmp_path / "new", file)
    else:
        file.write_bytes(b"3,4,5\n" if how == "size" else b"3,4\n")
    if how == "mtime put back":
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert repo.contents.identify(os.fsencode(file))[0] == blob_id(file.read_bytes())


def test_a_file_that_was_just_written_is_not_trusted_to_stay(repo: Repo, tmp_path: Path) -> None:
    file = os.fsencode(tmp_path / "data.csv")
    for number in range(20):
        with open(file, "wb") as stream:
            stream.write(b"%04d" % number)
        assert repo.contents.identify(file)[0] == blob_id(b"%04d" % number)
    repo.contents.stats.save()
    with Repo.open(repo.path) as again:
        assert again.contents.stats.find(file, os.stat(file)) is None


def test_many_files_are_identified_at_once(repo: Repo, tmp_path: Path) -> None:
    paths = []
    for number in range(1200):
        file = tmp_path / f"{number}"
        file.write_bytes(b"%d" % number)
        paths.append(os.fsencode(file))
    time.sleep(0.05)
    first = repo.contents.identify_many([*paths, b"/nowhere"])
    repo.contents.stats.save()
    with Repo.open(repo.path) as again:
        assert again.contents.identify_many([*paths, b"/nowhere"]) == first
    assert first.pop(b"/nowhere") is None
    assert first == {
        path: (blob_id(os.path.basename(path)), len(os.path.basename(path))) for path in paths
    }


def test_files_that_are_held_and_unchanged_are_told_at_once(repo: Repo, tmp_path: Path) -> None:
    kept, identified, changed, young = (tmp_path / name for name in ("k", "i", "c", "y"))
    for path in (kept, identified, changed):
        path.write_bytes(path.name.encode())
    repo.contents.add_file(old(kept))
    repo.contents.add_file(os.fsencode(changed))
    repo.contents.identify(os.fsencode(identified))
    repo.commit("keep", NOTHING)
    changed.write_bytes(b"other")
    young.write_bytes(b"new")
    paths = [os.fsencode(path) for path in (kept, identified, changed, young, tmp_path)]
    paths += [os.fsencode(tmp_path / "gone"), b"a\0b"]
    assert repo.contents.held_files(paths) == {
        os.fsencode(kept): repo.contents.add_file(os.fsencode(kept))
    }


def test_identifying_keeps_no_bytes(repo: Repo, tmp_path: Path) -> None:
    file = tmp_path / "library.so"
    file.write_bytes(b"\x7fELF")
    identifier, size = repo.contents.identify(os.fsencode(file))
    repo.commit("keep", NOTHING)
    assert (identifier, size) == (blob_id(b"\x7fELF"), 4)
    assert not repo.contents.has(identifier)


def test_a_torn_file_is_named(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "moving.csv"
    file.write_bytes(b"x" * 3_000_000)
    read = os.read

    def read_while_it_grows(descriptor: int, length: int) -> bytes:
        with file.open("ab") as other:
            other.write(b"more")
        return read(descriptor, length)

    with monkeypatch.context() as patched:
        patched.setattr(os, "read", read_while_it_grows)
        for take in (repo.contents.identify, repo.contents.add_file):
            with pytest.raises(Conflict, match=r"moving\.csv' changed while it was read") as caught:
                take(os.fsencode(file))
            assert caught.value.code == "conflict/torn"
    assert repo.contents.add_file(os.fsencode(file))[0] == blob_id(file.read_bytes())


def test_what_is_not_a_regular_file_is_never_opened(repo: Repo, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-fifo").symlink_to("fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for name in ("fifo", "to-fifo", "folder", "socket"):
        with pytest.raises(InvalidInput, match="is not a regular file"):
            repo.contents.add_file(os.fsencode(tmp_path / name))
    with pytest.raises(InvalidInput, match="is not a regular file"):
        repo.contents.identify(b"/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("loop", "gone"):
        with pytest.raises(NotFound):
            repo.contents.add_file(os.fsencode(tmp_path / name))


def test_a_fifo_that_takes_a_files_place_does_not_block(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    status = os.stat(file)
    file.unlink()
    os.mkfifo(file)
    monkeypatch.setattr(room.files, "regular", lambda path: status)
    with pytest.raises(InvalidInput, match="is not a regular file"):
        repo.contents.identify(os.fsencode(file))


@pytest.mark.parametrize("name", [b"a\nb", b"\xff\xfe", b"-rf", b"x" * 255])
def test_hostile_names_are_only_names(repo: Repo, tmp_path: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(name)
    identifier, _ = repo.contents.add_file(path)
    repo.commit("keep", NOTHING)
    os.unlink(path)
    repo.contents.export(identifier, path)
    with open(path, "rb") as file:
        assert file.read() == name


def test_a_sparse_file_stays_sparse(repo: Repo, tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(64 << 20)
    identifier, size = repo.contents.add_file(os.fsencode(tmp_path / "sparse"))
    repo.commit("keep", NOTHING)
    repo.contents.export(identifier, tmp_path / "out")
    blob = repo.path / "blobs" / identifier[:2] / identifier[2:]
    for path in (blob, tmp_path / "out"):
        assert path.stat().st_size == size == 64 << 20
        assert path.stat().st_blocks * 512 < 1 << 20


@pytest.mark.parametrize("data", [b"model", LARGE], ids=["packed", "loose"])
def test_an_export_replaces_and_never_follows_a_link(
    repo: Repo, tmp_path: Path, data: bytes
) -> None:
    (identifier,) = keep(repo, data)
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "out").symlink_to("precious")
    repo.contents.export(identifier, tmp_path / "out", executable=True)
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (tmp_path / "out").read_bytes() == data
    assert not (tmp_path / "out").is_symlink()
    assert os.access(tmp_path / "out", os.X_OK)
    repo.contents.export(identifier, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o111 == 0


@pytest.mark.parametrize("data", [b"model" * 100, LARGE], ids=["packed", "loose"])
def test_damaged_bytes_are_never_given_out(repo: Repo, tmp_path: Path, data: bytes) -> None:
    (identifier,) = keep(repo, data)
    (file,) = [
        p
        for p in repo.path.rglob("*")
        if p.parts[-2] == "packs" or ("blobs" in p.parts and p.is_file())
    ]
    stored = bytearray(file.read_bytes())
    stored[300] ^= 1
    file.write_bytes(stored)
    for take in (
        repo.contents.read,
        repo.contents.open,
        lambda i: repo.contents.export(i, tmp_path / "out"),
    ):
        with pytest.raises(Corrupt, match="is damaged"):
            take(identifier)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_another_copy_is_read_where_one_is_damaged(repo: Repo, workspace: Path) -> None:
    with Repo.open(workspace) as other:
        other.contents.add(b"twice")
        keep(repo, b"twice", b"one more")
        (first,) = (repo.path / "packs").iterdir()
        other.commit("keep", NOTHING)
    first.write_bytes(first.read_bytes().replace(b"twice", b"twicf"))
    assert len(list((repo.path / "packs").iterdir())) == 2
    with Repo.open(workspace) as reader:
        assert reader.contents.read(blob_id(b"twice")) == b"twice"


def test_a_start_of_an_id_finds_packed_and_large_blobs(repo: Repo) -> None:
    ids = keep(repo, b"one", LARGE)
    for identifier in ids:
        assert repo.contents.find_prefix(identifier[:8]) == [identifier]
    assert repo.contents.find_prefix("00000000") == []


@pytest.mark.parametrize("identifier", ["", "../../../etc/passwd", "0" * 63 + "g", "0" * 64 + "\n"])
def test_an_id_that_is_none_is_not_found_and_leads_nowhere(repo: Repo, identifier: str) -> None:
    assert not repo.contents.has(identifier)
    assert not repo.records.has(identifier)
    for take in (repo.contents.read, repo.contents.size, repo.records.read):
        with pytest.raises(NotFound):
            take(identifier)
    assert repo.catalog.runs_with(identifier) == []


def test_threads_may_add_at_once(repo: Repo) -> None:
    threads = [
        threading.Thread(
            target=lambda n=n: [repo.contents.add(b"%d.%d" % (n, i)) for i in range(50)]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    repo.commit("keep", NOTHING)
    for n in range(4):
        for i in range(50):
            assert repo.contents.read(blob_id(b"%d.%d" % (n, i))) == b"%d.%d" % (n, i)


def test_a_repo_opened_for_reading_takes_nothing(repo: Repo, workspace: Path) -> None:
    with Repo.open(workspace, read_only=True) as reader, pytest.raises(Refused):
        reader.contents.add(b"x")
