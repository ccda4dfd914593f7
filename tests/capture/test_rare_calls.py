"""Calls that few programs make, made by hand."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sestina.capture.observer import Command, Trace
from sestina.capture.seccomp import Seccomp
from sestina.testing.observers import about, ops

WHY_NOT = Seccomp().probe()
pytestmark = [
    pytest.mark.skipif(WHY_NOT is not None, reason=f"seccomp: {WHY_NOT}"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64"),
]
BY_HAND = """
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(*words):
    result = libc.syscall(*[ctypes.c_long(w) if isinstance(w, int) else w for w in words])
    if result < 0: raise OSError(ctypes.get_errno(), str(words))
    return result
HERE = -100
"""


def watch(script: str, folder: Path) -> Trace:
    command = Command(argv=(sys.executable, "-c", BY_HAND + script), cwd=str(folder))
    trace = Seccomp().observe(command, lambda path: b"")
    assert trace.exit == 0
    return trace


@pytest.mark.parametrize(
    ("script", "op"),
    [
        ("call(2, b'x', os.O_RDONLY)", "read"),
        ("call(85, b'x', 0o600)", "write"),
        ("call(437, HERE, b'x', struct.pack('QQQ', os.O_RDWR, 0, 0), 24)", "readwrite"),
        ("call(76, b'x', 0)", "truncate"),
        ("call(87, b'x')", "unlink"),
        ("call(82, b'x', b'y')", "rename"),
        ("call(264, HERE, b'x', HERE, b'y')", "rename"),
        ("call(316, HERE, b'x', HERE, b'y', 1)", "rename"),
        ("call(86, b'x', b'y')", "link"),
        ("call(265, os.open('x', os.O_PATH), b'', HERE, b'y', 0x1000)", "link"),
        ("call(88, b'x', b'y')", "symlink"),
    ],
)
def test_each_way_to_say_it_is_understood(tmp_path: Path, script: str, op: str) -> None:
    (tmp_path / "x").write_text("x")
    (event,) = about(watch(script, tmp_path), tmp_path / "x")
    assert event.op == op
    assert event.stat is not None
    assert event.stat[2] == 1
    assert event.other in (b"", os.fsencode(tmp_path / "y"))


def test_a_path_descriptor_by_openat2_is_no_read(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    script = "call(437, HERE, b'x', struct.pack('QQQ', os.O_PATH, 0, 0), 24)"
    assert ops(watch(script, tmp_path), tmp_path / "x") == []


def test_two_names_exchanged_are_two_renames(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    (tmp_path / "y").write_text("yy")
    trace = watch("call(316, HERE, b'x', HERE, b'y', 2)", tmp_path)
    assert [(e.path, e.stat and e.stat[2]) for e in about(trace, tmp_path / "x")] == [
        (os.fsencode(tmp_path / "x"), 1),
        (os.fsencode(tmp_path / "y"), 2),
    ]


def test_a_program_run_by_descriptor_is_seen(tmp_path: Path) -> None:
    script = """
argv = (ctypes.c_char_p * 3)(b"true", b"word", None)
call(322, os.open("/bin/true", os.O_PATH), b"", argv, 0, 0x1000)
"""
    ran = watch(script, tmp_path).executables[-1]
    assert ran.path == os.path.realpath(b"/bin/true")
    assert ran.argv == (b"true", b"word")


def test_an_unnamed_temporary_file_is_seen_when_it_gets_a_name(tmp_path: Path) -> None:
    script = """
made = os.open(".", os.O_TMPFILE | os.O_WRONLY)
call(265, HERE, b"/proc/self/fd/%d" % made, HERE, b"x", 0x400)
"""
    assert ops(watch(script, tmp_path), tmp_path / "x") == ["link"]


def test_standard_input_opened_by_its_name_is_the_file_behind_it(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    script = "os.dup2(os.open('x', os.O_PATH), 0); os.execvp('sh', ['sh', '-c', ': < /dev/stdin'])"
    assert "read" in ops(watch(script, tmp_path), tmp_path / "x")


def test_an_unreadable_path_harms_nobody(tmp_path: Path) -> None:
    script = """
for address in (0, 1, 2**47 - 1, -1):
    try: call(257, HERE, address, 0)
    except OSError as error: assert error.errno == 14
"""
    trace = watch(script, tmp_path)
    assert trace.events
    assert trace.gaps == ()


def test_a_32_bit_call_is_a_gap(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler here")
    (tmp_path / "x.c").write_text("""
int main() {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"("x.c"), "c"(0), "d"(0) : "memory");
    return result < 0;
}
""")
    words = [compiler, "-static", "-no-pie", "-w", "x.c", "-o", "x"]
    if subprocess.run(words, cwd=tmp_path, check=False).returncode:
        pytest.skip("no static libc here")
    bare = subprocess.run(["./x"], cwd=tmp_path, check=False).returncode
    trace = Seccomp().observe(Command(argv=("./x",), cwd=str(tmp_path)), lambda path: b"")
    assert trace.exit == bare
    if bare == 0:
        assert trace.gaps[0].startswith("foreign architecture")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yields a folder that another user may enter; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(command: Command) -> Trace:
    """Observes as a user without privilege, in a process of its own."""
    script = (
        "import os, sys; from sestina.capture.seccomp import Seccomp;"
        "from sestina.capture.observer import Command; import ctypes;"
        "os.setgid(65534); os.setuid(65534); ctypes.CDLL(None).prctl(4, 1, 0, 0, 0);"
        "trace = Seccomp().observe(Command(argv=tuple(sys.argv[1:]), cwd='/'), lambda path: b'');"
        "print(repr((trace.gaps, [tuple(e) for e in trace.events])))"
    )
    words = [sys.executable, "-c", script, *map(str, command.argv)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
    gaps, events = eval(done.stdout)
    return Trace(
        observer="seccomp", events=events, executables=[], gaps=gaps, peers=(), exit=0,
        signal=None, began=0, ended=0, cpu_user=0, cpu_system=0, peak_memory=0,
    )  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes set-uid programs of root")
def test_a_program_that_would_gain_privilege_is_a_gap(open_folder: Path) -> None:
    program = open_folder / "raised"
    shutil.copy("/bin/true", program)
    program.chmod(0o4755)
    gaps = as_nobody(Command(argv=(str(program),))).gaps
    assert gaps == (f"set-uid program {program}: it ran without its privilege",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes programs that others cannot read")
def test_a_process_whose_memory_is_closed_is_a_gap_and_unharmed(open_folder: Path) -> None:
    program = open_folder / "closed"
    shutil.copy("/bin/cat", program)
    program.chmod(0o711)
    trace = as_nobody(Command(argv=(str(program), "/dev/null")))
    assert [gap for gap in trace.gaps if "unreadable" in gap]
