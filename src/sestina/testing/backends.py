"""What every backend must do; a test class per backend inherits it and says how to make one.

class TestMyBackend(BackendSuite):
    def make(self) -> Backend: ...
"""

# ruff: noqa: D102 - the names of the tests are sentences

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sestina.errors import Bug, Conflict, NotFound, SestinaError
from sestina.store.backend import Backend

HOSTILE_KEYS = (
    "",
    "/etc/passwd",
    "../up",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    ".hidden",
    "a\nb",
    "a\0b",
)


class BackendSuite:
    """The conformance suite of `sestina.store.backend.Backend`."""

    def make(self) -> Backend:
        """Returns a new, empty backend."""
        raise NotImplementedError

    def scratch(self, data: bytes) -> Path:
        """Returns a finished file where the backend takes files from."""
        folder = Path(tempfile.mkdtemp(prefix="sestina-"))
        (folder / "finished").write_bytes(data)
        return folder / "finished"

    def test_what_was_put_is_got_back_exactly(self) -> None:
        backend = self.make()
        for key, data in (("a", b""), ("b/c.json", bytes(range(256))), ("b/d", b"x" * 100_000)):
            backend.put(key, data)
            assert backend.get(key) == data
            assert backend.size(key) == len(data)
            with backend.open(key) as stream:
                assert stream.read() == data

    def test_a_finished_file_is_taken_over(self) -> None:
        backend = self.make()
        file = self.scratch(b"finished")
        backend.put("packs/x", file)
        assert backend.get("packs/x") == b"finished"
        assert not file.exists()

    def test_a_range_is_cut_from_the_bytes(self) -> None:
        backend = self.make()
        backend.put("k", b"0123456789")
        assert backend.get("k", 3) == b"3456789"
        assert backend.get("k", 3, 4) == b"3456"
        assert backend.get("k", 8, 100) == b"89"
        assert backend.get("k", 100, 1) == b""

    def test_a_stream_can_be_read_from_any_place(self) -> None:
        backend = self.make()
        backend.put("k", b"0123456789")
        with backend.open("k") as stream:
            stream.seek(4)
            assert stream.read(2) == b"45"
            stream.seek(0)
            assert stream.read() == b"0123456789"

    def test_a_key_is_created_once_and_keeps_its_bytes(self) -> None:
        backend = self.make()
        backend.put("k", b"first")
        raised(Conflict, lambda: backend.put("k", b"second"))
        raised(Conflict, lambda: backend.put("k", b"first"))
        raised(Conflict, lambda: backend.put("k", self.scratch(b"third")))
        assert backend.get("k") == b"first"

    def test_of_many_writers_of_one_key_exactly_one_wins(self) -> None:
        backend = self.make()
        wins: list[int] = []
        start = threading.Barrier(8)

        def write(number: int) -> None:
            start.wait()
            try:
                backend.put("journal/1", b"%d" % number)
            except Conflict:
                return
            wins.append(number)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [b"%d" % number for number in wins] == [backend.get("journal/1")]

    def test_what_is_not_there_is_said_to_be_not_there(self) -> None:
        backend = self.make()
        assert backend.size("k") is None
        raised(NotFound, lambda: backend.get("k"))
        raised(NotFound, lambda: backend.open("k"))
        backend.put("folder/k", b"")
        assert backend.size("folder/k/below") is None
        raised(NotFound, lambda: backend.get("folder/k/below"))
        assert backend.size("folder") is None
        raised(NotFound, lambda: backend.get("folder"))
        raised(NotFound, lambda: backend.open("folder"))

    def test_keys_are_listed_below_a_prefix_in_order(self) -> None:
        backend = self.make()
        for key in ("b/2", "b/1", "a/x/y", "b/sub/3", "bb/4"):
            backend.put(key, b"")
        assert backend.keys("b/") == ["b/1", "b/2", "b/sub/3"]
        assert backend.keys("a/x/") == ["a/x/y"]
        assert backend.keys("none/") == []
        assert backend.keys("") == ["a/x/y", "b/1", "b/2", "b/sub/3", "bb/4"]

    def test_what_is_deleted_is_gone_and_may_be_created_again(self) -> None:
        backend = self.make()
        backend.delete("k")
        backend.put("k", b"first")
        backend.delete("k")
        assert backend.size("k") is None
        assert backend.keys("") == []
        backend.put("k", b"second")
        assert backend.get("k") == b"second"

    def test_an_open_stream_survives_the_deletion_of_its_key(self) -> None:
        backend = self.make()
        backend.put("k", b"bytes")
        with backend.open("k") as stream:
            backend.delete("k")
            assert stream.read() == b"bytes"

    def test_a_key_can_never_lead_out_of_the_repo(self) -> None:
        backend = self.make()
        for key in HOSTILE_KEYS:
            raised(Bug, partial(backend.put, key, b""))
            raised(Bug, partial(backend.get, key))
            raised(Bug, partial(backend.size, key))
            raised(Bug, partial(backend.delete, key))
        for prefix in ("no-slash", "../", "/", "a//"):
            raised(Bug, partial(backend.keys, prefix))


def raised(kind: type[SestinaError], act: Callable[[], object]) -> SestinaError:
    """Returns the error of this kind that `act` raises; fails where it raises none."""
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
