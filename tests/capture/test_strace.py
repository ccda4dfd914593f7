from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.capture.observer import Command, Trace
from sestina.capture.seccomp import Seccomp
from sestina.capture.strace import Strace
from sestina.capture.strace_log import calls, place, text, texts
from sestina.errors import Unavailable
from sestina.testing.observers import about, ops, run

installed = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def hexadecimal(name: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in name)


@given(st.binary(), st.binary(), st.integers(1, 4_000_000), st.integers(-4095, 2**31))
def test_any_name_comes_back_from_a_line(name: bytes, cwd: bytes, task: int, result: int) -> None:
    line = b'%d openat(AT_FDCWD<%b>, "%b", O_RDONLY) = %d<%b>\n' % (
        task,
        hexadecimal(cwd),
        hexadecimal(name),
        result,
        hexadecimal(name),
    )
    (call,) = calls([line])
    assert (call.task, call.name, call.result) == (task, "openat", result)
    assert place(call.arguments[0]) == cwd
    assert text(call.arguments[1]) == name


@given(st.lists(st.binary(), min_size=1))
def test_any_words_come_back_from_an_exec(words: list[bytes]) -> None:
    array = b", ".join(b'"%b"' % hexadecimal(word) for word in words)
    (call,) = calls([b'7 execve("\\x2f", [%b], ["\\x41"]) = 0\n' % array])
    assert list(texts(call.arguments[1:])) == words


def test_an_interrupted_line_is_one_call_where_it_began() -> None:
    seen = calls(
        [
            b'1 openat(AT_FDCWD<\\x2f>, "\\x61", O_RDONLY <unfinished ...>\n',
            b'2 unlink("\\x62") = 0\n',
            b"--- SIGCHLD {si_signo=SIGCHLD} ---\n",
            b"1 <... openat resumed>) = 3<\\x2f\\x61>\n",
            b"3 <... openat resumed>) = 3\n",
            b'2 connect(3, {sa_family=AF_UNIX, sun_path="\\x63"}, 5 <unfinished ...>\n',
            b"+++ exited with 0 +++\n",
        ]
    )
    assert [(call.task, call.name, call.result) for call in seen] == [
        (1, "openat", 3),
        (2, "unlink", 0),
        (2, "connect", None),
    ]


@installed
def test_a_read_file_that_is_overwritten_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("1")
    trace = run(Strace(), "open('state').read(); open('state', 'w').write('2')", tmp_path)
    assert [gap for gap in trace.gaps if "state" in gap and "lost" in gap]


@installed
def test_a_plain_run_has_no_gap(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    assert run(Strace(), "open('x').read(); open('y', 'w')", tmp_path).gaps == ()


@installed
def test_a_machine_without_strace_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Strace().probe() == "strace is not installed"
    with pytest.raises(Unavailable):
        Strace().observe(Command(argv=(sys.executable, "-c", "")), lambda path: b"")


@installed
def test_both_observers_tell_one_story(tmp_path: Path) -> None:
    if Seccomp().probe() is not None:
        pytest.skip("no seccomp here")
    script = """
import os, subprocess, threading
open('a', 'w').write('x'); os.rename('a', 'b'); os.symlink('b', 's'); os.link('b', 'h')
os.truncate('b', 0); os.mkdir('d'); os.chdir('d'); open('../b', 'a').close()
folder = os.open('..', os.O_RDONLY); os.open('h', os.O_RDWR, dir_fd=folder)
threading.Thread(target=lambda: open('/etc/passwd').read()).start()
subprocess.run(['sh', '-c', 'cat < ../h > out; exec ../missing 2>/dev/null'])
"""
    stories = []
    for observer in (Seccomp(), Strace()):
        folder = tmp_path / observer.name
        folder.mkdir()
        stories.append(story(run(observer, script, folder), folder))
    assert stories[0] == stories[1]
    assert len(stories[0]) >= 12


def story(trace: Trace, folder: Path) -> list[tuple[str, bytes, bytes]]:
    root = os.fsencode(folder)
    return [
        (event.op, event.path.removeprefix(root), event.other.removeprefix(root))
        for event in trace.events
        if root in event.path or root in event.other or event.path == b"/etc/passwd"
    ]


@installed
def test_the_file_a_strace_run_made_had_not_been_there(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("x")
    trace = run(Strace(), "open('old', 'w'); open('new', 'w')", tmp_path)
    assert about(trace, tmp_path / "new")[0].stat is None
    assert about(trace, tmp_path / "old")[0].stat is not None
    assert ops(trace, tmp_path / "old") == ["write"]
