"""Runs, the versions they make, and what becomes of a run that cannot be sealed."""

from __future__ import annotations

import errno
import sys

import pytest

import sestina
from sestina.errors import Conflict, Refused, Unavailable
from sestina.store.repo import Repo
from sestina.verbs.stale import seal_stale

PYTHON = sys.executable
MODEL = "import pickle; pickle.dump(1, open('model.pkl', 'wb'))\n"


@pytest.fixture
def repo(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    monkeypatch.chdir(project.folder)
    with Repo.create(project.folder) as created:
        yield created


def test_the_seed_option_sets_two_variables_and_nothing_else(project, repo):
    project.write("show.py", "import os; open('seed.txt', 'w').write(repr(sorted(\n"
                  "  (n, v) for n, v in os.environ.items() if 'SEED' in n)))")  # fmt: skip
    sestina.run(repo, [PYTHON, "show.py"], seed=17)
    said = (project.folder / "seed.txt").read_text()
    assert said == "[('PYTHONHASHSEED', '17'), ('SESTINA_SEED', '17')]"


def test_a_version_needs_an_exit_of_zero(project, repo):
    project.write("fail.py", MODEL + "raise SystemExit(3)")
    answer = sestina.run(repo, [PYTHON, "fail.py"], model="fraud")
    assert (answer.exit, answer.versions) == (3, ())
    assert "exited with 3" in answer.notes[0]
    with pytest.raises(Refused, match="no version"):
        sestina.version(repo, "fraud", f"run/{answer.run}")


def test_a_run_that_wrote_no_model_makes_no_version_and_says_so(project, repo):
    project.write("none.py", "open('table.csv', 'w').write('1')")
    answer = sestina.run(repo, [PYTHON, "none.py"], model="fraud")
    assert answer.versions == ()
    assert "the run wrote 1 file, none in a model format" in answer.notes[0]


def test_settings_say_which_file_is_the_model_and_that_each_run_makes_a_version(project, repo):
    project.write("sestina.toml", '[models.odd]\npath = "out/*.bin"\nversions = "every run"\n')
    project.write("make.py", "import os; os.makedirs('out', exist_ok=True)\n"
                  "open('out/a.bin', 'w').write('1'); open('b.bin', 'w').write('2')")  # fmt: skip
    answer = sestina.run(repo, [PYTHON, "make.py"])
    assert answer.versions == ("odd:1",)
    shown = sestina.show(repo, "odd:1")
    assert [file.path for file in shown.version.files] == ["project:out/a.bin"]
    assert shown.version.format == "unknown"


def test_a_version_can_be_made_later(project, repo):
    project.write("make.py", MODEL)
    run = sestina.run(repo, [PYTHON, "make.py"], name="first")
    assert sestina.version(repo, "fraud", "first").name == "fraud:1"
    assert sestina.version(repo, "fraud", f"run/{run.run[:10]}").name == "fraud:2"


def test_one_recipe_with_two_outputs_is_unexplained(project, repo):
    project.write("dice.py", "import time; open('out.txt', 'w').write(str(time.time_ns()))")
    first, second = (sestina.run(repo, [PYTHON, "dice.py"]) for _ in range(2))
    assert first.recipe == second.recipe
    answer = sestina.diff(repo, f"run/{first.run}", f"run/{second.run}")
    assert answer.unexplained
    assert [pair.name for pair in answer.outputs] == ["project:out.txt"]


def test_an_input_that_the_run_overwrote_is_compared_with_what_it_became(project, repo):
    project.write("state.txt", "1")
    project.write("count.py", "n = int(open('state.txt').read())\n"
                  "open('state.txt', 'w').write(str(n + 1))")  # fmt: skip
    sestina.run(repo, [PYTHON, "count.py"], name="one")
    assert sestina.cat(repo, "one:state.txt").data == b"2"
    (change,) = [c for c in sestina.status(repo).changes if c.place.path == "project:state.txt"]
    assert change.ingredient == "data"


def test_a_tag_never_moves(project, repo):
    project.write("make.py", MODEL)
    sestina.run(repo, [PYTHON, "make.py"], name="one")
    sestina.run(repo, [PYTHON, "make.py"], name="two")
    assert sestina.tag(repo, "paper", "one").name == "tag/paper"
    with pytest.raises(Conflict):
        sestina.tag(repo, "paper", "two")
    sestina.note(repo, "tag/paper", "as submitted")
    assert sestina.show(repo, "tag/paper").said[0].endswith("as submitted")


def test_purged_bytes_are_gone_and_the_reason_stays(project, repo):
    project.write("read.py", "open('people.csv').read()")
    project.write("people.csv", "ann,42\n")
    sestina.run(repo, [PYTHON, "read.py"], name="one")
    answer = sestina.purge(repo, "one:people.csv", reason="asked to be forgotten")
    (gone,) = sestina.show(repo, "one").purged
    assert (gone.name, gone.value) == ("project:people.csv", "asked to be forgotten")
    assert sestina.restore(repo, "one", into=project.folder / "back").purged == (gone.name,)
    again = sestina.run(repo, [PYTHON, "read.py"])
    assert again.notes == (
        "project:people.csv: was purged before (asked to be forgotten), and is not taken in again",
    )
    assert "one" in answer.hit
    assert not any(repo.contents.has(blob) for blob in answer.blobs)
    assert "asked to be forgotten" in repr(sestina.check(repo).findings)
    assert sestina.check(repo).outcome != "fail"


def test_a_token_in_a_note_is_not_kept(project, repo):
    project.write("make.py", MODEL)
    sestina.run(repo, [PYTHON, "make.py"], name="one")
    token = "ghp_" + "a1B2" * 9
    sestina.note(repo, "one", f"fetched with {token}")
    assert sestina.show(repo, "one").said[0].endswith("fetched with <withheld>")


class TestASealThatFails:
    @pytest.fixture
    def failing(self, repo, monkeypatch):
        def full(*_: object, **__: object) -> None:
            raise Unavailable("unavailable/disk-full", "no space left on device")

        monkeypatch.setattr(repo, "commit", full)
        return monkeypatch

    def test_it_returns_the_commands_code_and_is_sealed_by_the_next(self, project, repo, failing):
        project.write("make.py", MODEL)
        answer = sestina.run(repo, [PYTHON, "make.py"], model="fraud", name="one")
        assert (answer.run, answer.exit) == (None, 0)
        assert answer.failure.startswith("error[unavailable/disk-full]")
        failing.undo()
        failing.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
        assert ["(late)" in line for line in seal_stale(repo)] == [True]
        late = sestina.show(repo, "fraud:1")
        assert late.run.name == "one"
        assert late.run.grade == "complete (kernel)"
        assert list(seal_stale(repo)) == []

    def test_what_changes_while_it_waits_is_missing_and_not_taken_for_the_runs(
        self, project, repo, failing
    ):
        project.write("make.py", MODEL + "open('in.csv').read()")
        project.write("in.csv", "1")
        sestina.run(repo, [PYTHON, "make.py"], name="one")
        project.write("in.csv", "another day")
        project.write("model.pkl", "another model")
        failing.undo()
        failing.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
        assert len(list(seal_stale(repo))) == 1
        late = sestina.show(repo, "one")
        custody = {sheet.ingredient: sheet.custody for sheet in late.ingredients}
        assert (custody["data"], custody["code"]) == ("missing", "captured")
        assert late.run.outputs == ()
        assert late.run.grade.startswith("partial (kernel) - project:in.csv changed before")

    def test_strict_turns_it_into_125(self, project, repo, failing):
        project.write("make.py", MODEL)
        assert sestina.run(repo, [PYTHON, "make.py"], strict=True).exit == 125

    def test_secrets_are_not_spooled(self, project, repo, failing):
        told = "import os, sestina; os.environ.get('API_TOKEN'); sestina.note(open('tok').read())"
        project.write("make.py", told)
        project.write("tok", "ghp_" + "a1B2" * 9)
        failing.setenv("API_TOKEN", "do-not-keep-me")
        assert sestina.run(repo, [PYTHON, "make.py"]).run is None
        files = [path for path in (repo.path / "live").rglob("*") if path.is_file()]
        assert files
        assert all(b"do-not-keep-me" not in path.read_bytes() for path in files)
        assert all(b"ghp_" not in path.read_bytes() for path in files)


def test_a_large_file_that_does_not_fit_fails_the_seal(project, repo, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    project.write("make.py", "open('out.bin', 'wb').truncate(9 << 20)")
    monkeypatch.setattr("sestina.store.files.File.copied", full)
    answer = sestina.run(repo, [PYTHON, "make.py"])
    assert (answer.run, answer.exit) == (None, 0)
    assert answer.failure.startswith("error[unavailable/disk-full]")


def test_the_command_gets_the_environment_that_sestina_was_given(project):
    project.write(
        "all.py", "import os; open('all.txt', 'w').write(open('/proc/self/environ').read())"
    )
    project.sestina("run", "--", PYTHON, "all.py")
    names = {
        pair.partition("=")[0] for pair in (project.folder / "all.txt").read_text().split("\0")
    }
    ours = {name for name in names if name.startswith(("SESTINA", "PYTHONPATH"))}
    assert names - ours - {""} == set(project.environ)
