"""Names: what is typed is found, and what is not there is answered with what is near."""

from __future__ import annotations

import pytest

from sestina.errors import Conflict, NotFound, Unsupported
from sestina.records.entry import Effect
from sestina.records.run import Run
from sestina.records.version import Note
from sestina.store.repo import Repo
from sestina.testing import samples


@pytest.fixture
def run(repo: Repo) -> str:
    made = samples.add_run(repo, outputs={"project:m": b"m"})
    samples.seal(repo, made, name="nightly", model="fraud")
    return made


def test_every_form_of_a_name_finds_its_record(repo: Repo, run: str) -> None:
    (version,) = repo.refs.versions("fraud")
    recipe = repo.records.get(run, Run).recipe
    blob = repo.contents.add(b"m")
    samples.tag(repo, "paper", run)
    for text, kind, record, name in [
        ("fraud:1", "version", version.id, "fraud:1"),
        ("fraud", "version", version.id, "fraud:1"),
        ("nightly", "run", run, "nightly"),
        ("run/nightly", "run", run, "nightly"),
        (f"run/{run[:8]}", "run", run, f"run/{run[:8]}"),
        (f"recipe/{recipe[:8]}", "recipe", recipe, f"recipe/{recipe[:8]}"),
        ("tag/paper", "run", run, "tag/paper"),
        (run, "run", run, "nightly"),
        (version.id[:10], "version", version.id, "fraud:1"),
        (blob[:12], "blob", blob, blob[:8]),
    ]:
        assert repo.refs.resolve(text) == (kind, record, name), text


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(repo: Repo, run: str) -> None:
    samples.tag(repo, "paper", run)
    for text, near in [
        ("frod:1", "fraud"),
        ("nightli", "nightly"),
        ("run/nihgtly", "run/nightly"),
        ("tag/papper", "tag/paper"),
    ]:
        with pytest.raises(NotFound) as caught:
            repo.refs.resolve(text)
        assert caught.value.why == f"did you mean {near}?"


def test_a_version_that_is_not_there_is_told_from_a_model_that_is_not(repo: Repo, run: str) -> None:
    with pytest.raises(NotFound) as caught:
        repo.refs.resolve("fraud:9")
    assert caught.value.code == "not-found/version"
    day = repo.journal.entry(1).at[:10]
    assert str(caught.value).splitlines() == [
        "error[not-found/version]: model 'fraud' has no version 9",
        f"  why: its newest version is fraud:1, made {day} by run/{run[:8]}",
        "  try: sestina log fraud",
    ]
    with pytest.raises(NotFound) as caught:
        repo.refs.resolve("churn:1")
    assert caught.value.code == "not-found/model"


@pytest.mark.parametrize("text", ["00000000", "run/00000000", "recipe/00000000", "tag/x", "abcdef"])
def test_what_is_not_there_is_not_found(repo: Repo, run: str, text: str) -> None:
    with pytest.raises(NotFound):
        repo.refs.resolve(text)


def test_slots_are_unsupported(repo: Repo) -> None:
    with pytest.raises(Unsupported):
        repo.refs.resolve("fraud@prod")


def test_the_start_of_two_ids_is_ambiguous_and_both_are_told(repo: Repo) -> None:
    made: dict[str, str] = {}
    number = 0
    while True:  # some 300 notes until two ids begin with the same four digits
        identifier = repo.records.add(Note(about="0" * 64, text=str(number)))
        number += 1
        if identifier[:4] in made:
            break
        made[identifier[:4]] = identifier
    repo.commit("keep", [])
    found = repo.records.find_prefix(identifier[:4])
    assert set(found) == {identifier, made[identifier[:4]]}
    with pytest.raises(Conflict, match="more than one") as caught:
        repo.refs._only(list(found), identifier[:4], "id")
    assert identifier in (caught.value.why or "")


def test_the_last_run_of_a_name_has_it(repo: Repo, run: str) -> None:
    other = samples.add_run(repo, arguments=["other"])
    samples.seal(repo, other, name="nightly")
    assert repo.refs.resolve("nightly").id == other
    assert repo.refs.label(other) == "nightly"
    assert repo.refs.label(run) == f"run/{run[:8]}"


def test_records_are_labelled_with_their_best_name(repo: Repo, run: str) -> None:
    (version,) = repo.refs.versions("fraud")
    unnamed = samples.add_run(repo, arguments=["x"])
    samples.seal(repo, unnamed)
    recipe = repo.records.get(run, Run).recipe
    assert repo.refs.label(run) == "nightly"
    assert repo.refs.label(version.id) == "fraud:1"
    assert repo.refs.label(unnamed) == f"run/{unnamed[:8]}"
    assert repo.refs.label(recipe) == f"recipe/{recipe[:8]}"
    assert repo.refs.label("0" * 64) == "00000000"


def test_a_version_that_was_taken_away_is_gone_and_its_number_stays_used(
    repo: Repo, run: str
) -> None:
    repo.commit("version", [Effect(kind="version", name="fraud", number=1, record=None)])
    assert repo.refs.versions("fraud") == []
    with pytest.raises(NotFound):
        repo.refs.resolve("fraud:1")
    samples.seal(repo, samples.add_run(repo, arguments=["x"]), model="fraud")
    assert [version.number for version in repo.refs.versions("fraud")] == [2]
