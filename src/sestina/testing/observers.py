# ruff: noqa: D102 - the name of a test says what it shows
"""What every observer must do, as a suite: subclass it and say which observer it is.

class TestMine(ObserverSuite):
def observer(self) -> Observer:
return Mine()
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sestina.capture.observer import Command, Event, Observer, Trace
from sestina.errors import NotFound, Unavailable


def run(observer: Observer, script: str, folder: Path, *more: str) -> Trace:
    """Returns the trace of a Python script that runs in a folder."""
    argv = (sys.executable, "-c", script, *more)
    return observer.observe(Command(argv=argv, cwd=os.fsencode(folder)), lambda path: b"")


def about(trace: Trace, path: Path) -> list[Event]:
    """Returns the events of a path, in order."""
    name = os.fsencode(path)
    return [event for event in trace.events if name in (event.path, event.other)]


def ops(trace: Trace, path: Path) -> list[str]:
    """Returns what was done to a path, in order."""
    return [event.op for event in about(trace, path)]


class ObserverSuite:
    """Promises of `Observer`."""

    def observer(self) -> Observer:
        """Returns the observer to put to the test."""
        raise NotImplementedError

    def test_its_probe_finds_that_it_works_here(self) -> None:
        assert self.observer().probe() is None

    def test_its_trace_names_it(self, tmp_path: Path) -> None:
        observer = self.observer()
        assert run(observer, "", tmp_path).observer == observer.name

    def test_an_opened_file_is_seen_with_its_size(self, tmp_path: Path) -> None:
        (tmp_path / "table.csv").write_bytes(b"a,b\n1,2\n")
        trace = run(self.observer(), f"open({str(tmp_path / 'table.csv')!r}).read()", tmp_path)
        (event,) = about(trace, tmp_path / "table.csv")
        assert event.op == "read"
        assert event.stat is not None
        assert event.stat[2] == 8

    def test_a_relative_path_is_seen_from_the_root(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "x").touch()
        script = "import os; open('in/x'); os.chdir('in'); open('./x'); open('../in/y', 'w')"
        trace = run(self.observer(), script, tmp_path)
        assert ops(trace, tmp_path / "in" / "x") == ["read"]
        assert ops(trace, tmp_path / "in" / "y") == ["write"]

    def test_a_file_that_is_not_there_is_a_read_of_nothing(self, tmp_path: Path) -> None:
        script = "\ntry: open('absent')\nexcept OSError: pass"
        (event,) = about(run(self.observer(), script, tmp_path), tmp_path / "absent")
        assert (event.op, event.stat) == ("read", None)

    def test_the_first_read_before_and_after_a_change_stay(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("1")
        script = "for _ in range(3): open('state').read(); open('state', 'w').write('2')"
        trace = run(self.observer(), script, tmp_path)
        assert ops(trace, tmp_path / "state") == ["read", "write", "read"]

    def test_a_file_written_then_read_is_seen_in_that_order(self, tmp_path: Path) -> None:
        trace = run(self.observer(), "open('out', 'w').close(); open('out')", tmp_path)
        assert ops(trace, tmp_path / "out") == ["write", "read"]
        assert about(trace, tmp_path / "out")[0].stat is None

    def test_a_repetition_is_dropped(self, tmp_path: Path) -> None:
        (tmp_path / "x").touch()
        trace = run(self.observer(), "for _ in range(50): open('x').close()", tmp_path)
        assert ops(trace, tmp_path / "x") == ["read"]

    def test_a_rename_names_both_ends(self, tmp_path: Path) -> None:
        script = "import os; open('a', 'w').close(); os.replace('a', 'b')"
        trace = run(self.observer(), script, tmp_path)
        assert ops(trace, tmp_path / "a") == ["write", "rename"]
        assert ops(trace, tmp_path / "b") == ["rename"]

    def test_a_removed_file_is_seen(self, tmp_path: Path) -> None:
        trace = run(self.observer(), "import os; open('a', 'w'); os.unlink('a')", tmp_path)
        assert ops(trace, tmp_path / "a") == ["write", "unlink"]

    def test_a_listed_folder_is_seen(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        trace = run(self.observer(), "import os; os.listdir('in')", tmp_path)
        assert ops(trace, tmp_path / "in") == ["list"]

    def test_a_child_of_the_command_is_seen(self, tmp_path: Path) -> None:
        (tmp_path / "x").touch()
        script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'open(\"x\")'])"
        assert ops(run(self.observer(), script, tmp_path), tmp_path / "x") == ["read"]

    def test_a_hostile_name_comes_whole(self, tmp_path: Path) -> None:
        name = b'-we"ird\n\\x\xff, ' + b"n" * 200
        trace = run(self.observer(), f"open({name!r}, 'w')", tmp_path)
        assert os.path.join(os.fsencode(tmp_path), name) in {event.path for event in trace.events}

    def test_the_exit_code_is_the_commands_own(self, tmp_path: Path) -> None:
        trace = run(self.observer(), "raise SystemExit(3)", tmp_path)
        assert (trace.exit, trace.signal) == (3, None)

    def test_a_signal_is_128_more(self, tmp_path: Path) -> None:
        trace = run(self.observer(), "import os; os.kill(os.getpid(), 9)", tmp_path)
        assert (trace.exit, trace.signal) == (137, 9)

    def test_the_program_and_its_words_are_known(self, tmp_path: Path) -> None:
        trace = run(self.observer(), "pass", tmp_path, "two words", "")
        words = tuple(os.fsencode(word) for word in (sys.executable, "-c", "pass", "two words", ""))
        assert trace.executables[0].argv == words

    def test_time_and_processor_are_measured(self, tmp_path: Path) -> None:
        trace = run(self.observer(), "sum(range(2_000_000))", tmp_path)
        assert trace.began < trace.ended
        assert trace.cpu_user > 0
        assert trace.peak_memory > 1_000_000

    def test_a_missing_command_is_not_found(self, tmp_path: Path) -> None:
        command = Command(argv=("no-such-program-here",), cwd=os.fsencode(tmp_path))
        try:
            self.observer().observe(command, lambda path: b"")
        except NotFound as error:
            assert error.code == "not-found/command"  # noqa: PT017
        else:
            raise AssertionError("it ran")

    def test_a_file_that_is_no_program_cannot_start(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_text("#!/bin/true")
        try:
            self.observer().observe(Command(argv=(str(tmp_path / "x"),)), lambda path: b"")
        except Unavailable as error:
            assert error.code == "unavailable/command"  # noqa: PT017
        else:
            raise AssertionError("it ran")

    def test_no_process_stays_behind(self, tmp_path: Path) -> None:
        before = _children()
        run(self.observer(), "import os; os.fork()", tmp_path)
        self.observer().probe()
        assert _children() == before


def _children() -> list[str]:
    task = Path("/proc/thread-self/children")
    return task.read_text().split() if task.exists() else []
