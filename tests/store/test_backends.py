"""Every backend passes the one suite; the local one keeps its promises to the disk as well."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sestina.errors import Unavailable
from sestina.store.backend import Backend
from sestina.store.backends.local import LocalBackend
from sestina.store.backends.memory import MemoryBackend
from sestina.testing.backends import BackendSuite


class TestMemory(BackendSuite):
    def make(self) -> Backend:
        return MemoryBackend()


class TestLocal(BackendSuite):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.top = tmp_path

    def make(self) -> Backend:
        return LocalBackend(self.top / "repo")

    def test_the_file_then_its_name_then_the_folder_are_synced(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        fsync, link = os.fsync, os.link

        def spy_fsync(descriptor: int) -> None:
            calls.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
            fsync(descriptor)

        def spy_link(old: str, new: str) -> None:
            calls.append("link")
            link(old, new)

        backend = self.make()
        backend.put("journal/0", b"")
        monkeypatch.setattr(os, "fsync", spy_fsync)
        monkeypatch.setattr(os, "link", spy_link)
        backend.put("journal/1", b"entry")
        assert calls == ["file", "link", "folder"]

    def test_a_new_folder_is_synced_into_its_parent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        backend = self.make()
        backend.put("first", b"")
        synced: list[str] = []
        fsync = os.fsync

        def spy(descriptor: int) -> None:
            synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", spy)
        backend.put("blobs/9f/2c", b"")
        top = str(self.top / "repo")
        assert {top, f"{top}/blobs", f"{top}/blobs/9f"} <= set(synced)

    def test_a_file_system_without_links_still_creates_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_links(old: str, new: str) -> None:
            raise OSError(errno.EPERM, "no hard links here")

        monkeypatch.setattr(os, "link", no_links)
        self.test_a_key_is_created_once_and_keeps_its_bytes()
        self.test_of_many_writers_of_one_key_exactly_one_wins()

    @pytest.mark.parametrize("step", ["fsync", "link"])
    def test_a_full_disk_is_told_and_leaves_nothing(
        self, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        backend = self.make()
        backend.put("k", b"")

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, step, full)
            with pytest.raises(Unavailable, match="the disk is full") as caught:
                backend.put("packs/x", b"data")
        assert caught.value.code == "unavailable/disk-full"
        assert backend.keys("") == ["k"]
        backend.put("packs/x", b"data")

    def test_links_in_the_folder_are_not_keys(self) -> None:
        backend = self.make()
        backend.put("packs/x", b"")
        (self.top / "repo" / "packs" / "y").symlink_to("/etc/passwd")
        (self.top / "repo" / "packs" / "z").symlink_to("/etc")
        assert backend.keys("packs/") == ["packs/x"]
