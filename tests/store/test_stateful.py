"""Any sequence of commands leaves a repo that is what a dictionary says it should be."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sestina.errors import Conflict
from sestina.kernel.ids import blob_id
from sestina.store import erase
from sestina.store.checkup import check
from sestina.store.repo import Repo
from sestina.testing import samples

MODELS = st.sampled_from(["fraud", "churn"])
NAMES = st.sampled_from(["nightly", "weekly"])
TAGS = st.sampled_from(["paper", "talk"])
BYTES = st.sampled_from([b"", b"one", b"two" * 500, b"three" * 5000])

Picture = tuple[dict[str, str], dict[str, int], dict[str, str], list[str]]


class RepoMachine(RuleBasedStateMachine):
    """The model: tags, versions by model, names, runs in order, purged blobs, and the past."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp(prefix="sestina-"))
        os.environ["XDG_CACHE_HOME"] = str(self.top / "cache")
        self.repo = Repo.create(self.top / "workspace")
        self.tags: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.runs: list[str] = []
        self.held: dict[bytes, bool] = {}
        self.past: list[tuple[str, Picture]] = []

    def picture(self) -> Picture:
        return dict(self.tags), dict(self.versions), dict(self.names), list(self.runs)

    def remember(self, at: str) -> None:
        self.past.append((at, self.picture()))

    @rule(data=BYTES, out=BYTES, name=st.none() | NAMES, model=st.none() | MODELS)
    def run(self, data: bytes, out: bytes, name: str | None, model: str | None) -> None:
        run = samples.add_run(
            self.repo,
            data={"project:in": data},
            outputs={"project:out": out},
            arguments=[str(len(self.runs))],
        )
        entry = samples.seal(self.repo, run, name=name, model=model)
        self.runs.append(run)
        for blob in (data, out):
            self.held[blob] = self.held.get(blob, True)
        if name:
            self.names[name] = run
        if model:
            self.versions[model] = self.versions.get(model, 0) + 1
        self.remember(entry.at)

    @precondition(lambda self: self.runs)
    @rule(tag=TAGS, which=st.integers(0, 50))
    def tag(self, tag: str, which: int) -> None:
        run = self.runs[which % len(self.runs)]
        if self.tags.get(tag, run) == run:
            self.remember_after(tag, run)
        else:
            with pytest.raises(Conflict):
                samples.tag(self.repo, tag, run)

    @rule(tag=TAGS)
    def take_a_tag_away(self, tag: str) -> None:
        self.remember_after(tag, None)

    def remember_after(self, tag: str, run: str | None) -> None:
        entry = samples.tag(self.repo, tag, run)
        self.tags.pop(tag, None)
        if run is not None:
            self.tags[tag] = run
        self.remember(entry.at)

    @precondition(lambda self: any(self.held.values()))
    @rule(which=st.integers(0, 50))
    def purge(self, which: int) -> None:
        blobs = sorted(blob for blob, held in self.held.items() if held)
        blob = blobs[which % len(blobs)]
        self.remember(erase.purge(self.repo, blob_id(blob), "a token").at)
        self.held[blob] = False

    @rule(data=BYTES)
    def give_up(self, data: bytes) -> None:
        samples.add_run(self.repo, outputs={"project:never": data + b"!"})
        self.repo.drop()

    @rule()
    def reopen(self) -> None:
        self.repo.close()
        self.repo = Repo.open(self.top / "workspace")

    @rule(part=st.sampled_from(["index.sqlite", "catalog.sqlite"]))
    def lose_the_index(self, part: str) -> None:
        self.repo.close()
        for file in (self.top / "cache").rglob(f"{part}*"):
            file.unlink()
        self.repo = Repo.open(self.top / "workspace")

    @invariant()
    def the_repo_says_what_the_model_says(self) -> None:
        tags, versions, names, runs = self.picture()
        assert seen(self.repo) == (tags, versions, names, runs)
        for blob, held in self.held.items():
            assert self.repo.contents.has(blob_id(blob)) == held
            if held:
                assert self.repo.contents.read(blob_id(blob)) == blob

    @invariant()
    def the_past_is_what_it_was(self) -> None:
        for at, picture in self.past[-4:]:
            assert seen(self.repo.at(at)) == picture

    @invariant()
    def check_passes_and_the_catalog_is_the_rebuilt_one(self) -> None:
        assert check(self.repo).outcome == "pass"
        before = self.repo.catalog.dump()
        self.repo.catalog.rebuild()
        assert self.repo.catalog.dump() == before

    def teardown(self) -> None:
        self.repo.close()
        shutil.rmtree(self.top)


def seen(repo: Repo) -> Picture:
    versions = {model: len(repo.refs.versions(model)) for model in repo.refs.models()}
    return (
        dict(repo.refs.tags()),
        versions,
        dict(repo.catalog.all_last("name")),
        [row.id for row in reversed(repo.refs.runs())],
    )


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Durability has tests of its own; here only the order of things counts."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class TestRepo(RepoMachine.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(
        max_examples=8,
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
