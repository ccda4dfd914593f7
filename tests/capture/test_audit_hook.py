"""The fallback observer: what Python says it opens, and honest gaps for the rest."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import pytest

from sestina.capture.audit_hook import AuditHook
from sestina.capture.hooking import environment
from sestina.capture.observer import Command, Trace
from sestina.errors import NotFound


@pytest.fixture
def watch(tmp_path: Path):
    def run(source: str, *argv: str, python: tuple[str, ...] = (sys.executable,)) -> Trace:
        folder = tmp_path / "told"
        folder.mkdir(exist_ok=True)
        (tmp_path / "train.py").write_text(textwrap.dedent(source))
        environ = environment(os.environ, folder=folder, run="r1")
        command = Command(argv=(*python, "train.py", *argv), environ=environ, cwd=str(tmp_path))
        return AuditHook().observe(command, lambda path: b"")

    return run


def deeds(trace: Trace, folder: Path) -> set[tuple[str, str, str]]:
    inside = os.fsencode(folder) + b"/"
    return {
        (event.op, os.fsdecode(event.path[len(inside) :]), os.fsdecode(event.other[len(inside) :]))
        for event in trace.events
        if event.path.startswith(inside) and b"told" not in event.path
    }


def test_the_probe_finds_its_own_file() -> None:
    assert AuditHook().probe() is None


def test_what_python_opens_and_changes_is_seen_in_order(watch, tmp_path) -> None:
    for name in ("in.csv", "old.csv", "gone.csv", "log.txt", "state.bin"):
        (tmp_path / name).write_text(name)
    (tmp_path / "data").mkdir()
    trace = watch(
        """
        import os, pathlib, shutil, sqlite3
        open("in.csv").read(); pathlib.Path("./in.csv").read_text()
        open("old.csv", "w").close(); open("log.txt", "a").close(); open("state.bin", "r+").close()
        open("new.tmp", "w").close(); os.replace("new.tmp", "new.csv"); os.remove("gone.csv")
        os.listdir("data"); os.symlink("in.csv", "soft"); os.link("in.csv", "hard")
        sqlite3.connect("runs.db").close()
        try: open("missing.csv")
        except OSError: pass
        """
    )
    assert trace.exit == 0
    assert deeds(trace, tmp_path) >= {
        ("read", "train.py", ""), ("read", "in.csv", ""), ("write", "old.csv", ""),
        ("append", "log.txt", ""), ("readwrite", "state.bin", ""), ("write", "new.tmp", ""),
        ("rename", "new.tmp", "new.csv"), ("unlink", "gone.csv", ""), ("list", "data", ""),
        ("symlink", "in.csv", "soft"), ("link", "in.csv", "hard"), ("readwrite", "runs.db", ""),
        ("read", "missing.csv", ""),
    }  # fmt: skip
    stats = {(event.op, event.path.rpartition(b"/")[2]): event.stat for event in trace.events}
    assert stats["read", b"missing.csv"] is None
    assert stats["write", b"old.csv"][2] == len("old.csv")
    assert stats["write", b"new.tmp"] is None


def test_bytes_about_to_be_destroyed_are_kept_by_the_program_itself(watch, tmp_path) -> None:
    for name in ("over.txt", "gone.txt", "target.txt"):
        (tmp_path / name).write_text(name)
    trace = watch(
        """
        import os
        open("over.txt", "w").write("new"); os.unlink("gone.txt")
        open("x", "w").close(); os.rename("x", "target.txt"); open("over.txt", "w").write("newer")
        """
    )
    kept = {
        event.op: Path(os.fsdecode(event.kept)).read_text() for event in trace.events if event.kept
    }
    assert kept == {"write": "over.txt", "unlink": "gone.txt", "rename": "target.txt"}


def test_workers_are_followed_and_their_events_carry_their_pids(watch, tmp_path) -> None:
    (tmp_path / "in.csv").write_text("1")
    trace = watch(
        """
        import multiprocessing
        def work(n): return open("in.csv").read()
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                pool.map(work, [1])
        """
    )
    [reader] = {event.pid for event in trace.events if event.path.endswith(b"/in.csv")}
    assert reader in {program.pid for program in trace.executables}
    assert len(trace.executables) >= 2


def test_programs_and_libraries_that_read_unseen_are_named(watch) -> None:
    pytest.importorskip("pyarrow")
    trace = watch(
        """
        import os, pyarrow, subprocess, sys
        subprocess.run(["cat", os.devnull]); os.system("true")
        subprocess.run([sys.executable, "-I", "-c", ""]); subprocess.run([sys.executable, "-c", ""])
        """
    )
    told = " / ".join(trace.gaps)
    assert "only what Python itself opens" in trace.gaps[0]
    assert "pyarrow loaded: its reads are not visible" in told
    assert "cat is not followed" in told
    assert "sh is not followed" in told
    assert told.count("python") == 1
    assert "duckdb" not in told


def test_a_command_that_is_no_python_is_all_gap(tmp_path) -> None:
    command = Command(argv=("cat", "/dev/null"), cwd=str(tmp_path))
    trace = AuditHook().observe(command, lambda _: b"")
    assert trace.exit == 0
    assert any("cat is not followed" in gap for gap in trace.gaps)


def test_exit_codes_and_signals_are_the_programs_own(watch) -> None:
    assert watch("raise SystemExit(3)").exit == 3
    killed = watch("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    assert (killed.exit, killed.signal) == (143, 15)


def test_a_command_that_does_not_exist_is_named() -> None:
    with pytest.raises(NotFound, match="no-such-program"):
        AuditHook().observe(Command(argv=("no-such-program",)), lambda _: b"")


def test_peers_are_told(watch) -> None:
    trace = watch(
        """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(server.getsockname()); print(server.getsockname()[1])
        """
    )
    assert len(trace.peers) == 1
    assert trace.peers[0].startswith("127.0.0.1:")
