"""What the tests of the store share: a cache folder of their own, and a repo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sestina.store.repo import Repo


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("SESTINA_ACTOR", "ada")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def repo(workspace: Path) -> Iterator[Repo]:
    with Repo.create(workspace) as made:
        yield made
