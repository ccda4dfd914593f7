"""Every error is three lines at most and one exit code, and nothing else is printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sestina.cli import VERBS, edge, main
from sestina.errors import SestinaError


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SESTINA_REPO", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def call(*words: str) -> int:
    return main(list(words))


def test_without_a_repo_a_verb_says_how_to_get_one(capsys):
    assert call("log") == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error[not-found/repo]: ")
    assert err.splitlines()[-1] == "  try: sestina init"


def test_an_error_can_be_had_as_json(capsys):
    assert call("log", "--json") == 3
    out, err = capsys.readouterr()
    told = json.loads(err)
    assert out == ""
    assert told["schema"] == "sestina.error/1"
    assert (told["code"], told["exit"]) == ("not-found/repo", 3)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["logg"], 2, "the nearest is 'log'"),
        (["frobnicate"], 2, "try: sestina --help"),
        (["diff", "a"], 2, "Missing argument"),
        (["diff", "--nope", "a", "b"], 2, "No such option"),
        (["run"], 2, "there is no command to run"),
        (["run", "--name", "No Name", "--", "true"], 2, "cannot be the name of a run"),
        (["run", "--", "no-such-program-here"], 125, "no-such-program-here"),
        (["--repo-is-no-root-option"], 2, "No such option"),
        (["run", "--", "/"], 125, "it is a folder"),
        (["log", "--limit", "-1"], 2, "not in the range"),
    ],
)
def test_a_wrong_command_line_is_told(capsys, words, code, said):
    assert call(*words) == code
    err = capsys.readouterr().err
    assert said in err
    told = [line for line in err.splitlines() if line.startswith(("error[", "  why:", "  try:"))]
    assert 1 <= len(told) <= 3


def test_a_script_is_offered_with_what_runs_it(alone, capsys):
    (alone / "train.py").write_text("")
    for word in ("train.py", "./train.py"):
        assert call("run", "--", word) == 125
        assert capsys.readouterr().err.endswith(f"  try: sestina run -- python {word}\n")


def test_what_is_no_name_is_told_with_what_lists_names(capsys):
    assert call("init") == 0
    assert call("log", "run/january") == 2
    assert "cannot be the name of a model" in capsys.readouterr().err
    assert call("show", "no name") == 2
    assert "try: sestina log" in capsys.readouterr().err


def test_what_nobody_could_understand_later_is_not_written(capsys):
    assert call("init") == 0
    assert call("purge", "a" * 64, "--reason", " ") == 2
    assert "the reason is empty" in capsys.readouterr().err


def test_a_name_that_nearly_exists_is_offered(capsys):
    assert call("run", "--name", "january", "--", "true") == 0
    assert call("show", "run/januray") == 3
    assert "did you mean run/january" in capsys.readouterr().err


def test_a_surprise_is_a_bug_with_its_traceback_in_a_file(capsys, alone):
    def surprise() -> int:
        raise RuntimeError("what now")

    assert edge.guarded(surprise, []) == 70
    err = capsys.readouterr().err
    assert err.startswith("error[bug/unexpected]: RuntimeError: what now\n")
    path = Path(err.split("try: cat ")[1].strip())
    assert "in surprise" in path.read_text()
    assert path.parent == alone


def test_a_full_disk_is_no_bug(capsys):
    def full() -> int:
        raise OSError(28, "No space left on device", "/x")

    assert edge.guarded(full, []) == 7
    assert "error[unavailable/disk-full]: '/x'" in capsys.readouterr().err


def test_an_interrupt_is_130_and_silent(capsys):
    def stopped() -> int:
        raise KeyboardInterrupt

    assert edge.guarded(stopped, []) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_is_no_error(alone):
    call("run", "--", "true")
    sestina = f"{sys.executable} -m sestina"
    script = f"{sestina} show run/$({sestina} log --quiet) --files --json | sleep 0"
    done = subprocess.run(
        ["bash", "-c", f"{script}; echo ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_error(alone, closed):
    sestina = f"{sys.executable} -m sestina"
    made = subprocess.run(f"{sestina} init && {sestina} run -- true", shell=True, cwd=alone)
    assert made.returncode == 0
    for verb, code in (("log", 0), ("check", 0), ("run -- true", 0), ("show nope", 3)):
        done = subprocess.run(
            f"{sestina} {verb} {closed}", shell=True, cwd=alone, capture_output=True, text=True
        )
        assert done.returncode == code, done.stderr
        assert "bug" not in done.stderr


def test_an_error_text_cannot_move_the_cursor(capsys):
    def hostile() -> int:
        raise SestinaError("not-found/x", "a\x1b[2Jb\nc")

    edge.guarded(hostile, [])
    assert "\x1b" not in capsys.readouterr().err


def test_every_verb_has_help(capsys):
    for name in VERBS:
        assert call(name, "--help") == 0, name
    assert call("--help") == 0
    assert call("--version") == 0
    assert "Usage: sestina diff" in capsys.readouterr().out


def test_quiet_prints_the_id_only(capfd):
    assert call("run", "--quiet", "--", "true") == 0
    run = capfd.readouterr().err.strip()
    assert len(run) == 64
    assert call("log", "--quiet") == 0
    assert capfd.readouterr().out.strip() == run


def test_the_commands_output_is_its_own(capfd):
    assert call("run", "--", sys.executable, "-c", "print('mine'); raise SystemExit(9)") == 9
    out, err = capfd.readouterr()
    assert out == "mine\n"
    assert "capture: " in err


def test_colour_is_for_terminals_only(capsys, monkeypatch):
    from sestina.render.text.ink import ink_for

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert ink_for(Terminal()).on
    monkeypatch.setenv("NO_COLOR", "1")
    assert not ink_for(Terminal()).on


def test_status_starts_without_what_it_has_no_use_for(alone):
    call("run", "--", sys.executable, "-c", "open('x').close() if 0 else None")
    program = (
        "import sys; from sestina.cli import main; main(['status']);"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in"
        " ('msgspec', 'yaml', 'tomllib', 'subprocess', 'difflib', 'shutil', 'tempfile')"
        " or m in ('sestina.records.ingredient', 'sestina.records.observation')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "XDG_CACHE_HOME")
                 if name in os.environ},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


def test_an_interrupt_while_modules_are_imported_is_130_and_silent(alone):
    program = (
        "import os, signal, sys; from sestina.__main__ import main\n"
        "class Late:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Late()); sys.argv = ['sestina', 'log']; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
