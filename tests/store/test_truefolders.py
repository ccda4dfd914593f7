"""Folders are resolved as the operating system does it, though each is looked at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sestina.store.truefolders import TrueFolders

NAMES = st.lists(st.sampled_from([b"a", b"b", b"to_a", b"up", b"gone", b".", b".."]))


@pytest.fixture(scope="module")
def tangle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder with links into it, out of it, to nothing and to themselves."""
    root = tmp_path_factory.mktemp("tangle")
    (root / "a" / "b").mkdir(parents=True)
    (root / "b").mkdir()
    (root / "to_a").symlink_to("a")
    (root / "a" / "up").symlink_to("..")
    (root / "b" / "to_a").symlink_to(root / "to_a")
    (root / "loop").symlink_to("loop")
    (root / "up").symlink_to("/nowhere/at/all")
    return root


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(paths=st.lists(NAMES, min_size=1, max_size=6))
def test_a_folder_is_where_realpath_says(tangle: Path, paths: list[list[bytes]]) -> None:
    folders = TrueFolders()
    for names in paths:
        path = b"/".join([os.fsencode(tangle), *names])
        assert folders.folder(path) == os.path.realpath(path).rstrip(b"/")


def test_the_last_name_of_a_file_stays_though_it_is_a_link(tangle: Path) -> None:
    path = os.fsencode(tangle / "to_a" / "up")
    assert TrueFolders().file(path) == os.fsencode(tangle / "a" / "up")


@pytest.mark.parametrize("path", [b"/x", b"//x", b"/"])
def test_a_file_at_the_root_keeps_its_slash(path: bytes) -> None:
    assert TrueFolders().file(path) == b"/" + path.strip(b"/")


def test_a_link_to_itself_stays_what_it_is(tangle: Path) -> None:
    path = os.fsencode(tangle / "loop")
    assert TrueFolders().folder(path) == path


def test_a_folder_deeper_than_calls_may_nest_is_resolved() -> None:
    path = b"/x" * 2000
    assert TrueFolders().folder(path) == path
