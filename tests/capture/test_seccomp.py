from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from sestina.capture.observer import Command, Trace
from sestina.capture.seccomp import Seccomp
from sestina.errors import InvalidInput, NotFound, Unavailable
from sestina.testing.observers import about, ops, run

WHY_NOT = Seccomp().probe()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"seccomp: {WHY_NOT}")


class Copies:
    """A `keep` that copies, and remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[bytes] = []

    def __call__(self, path: bytes) -> bytes:
        self.asked.append(path)
        copy = self.folder / f"kept-{len(self.asked)}"
        shutil.copy(os.fsdecode(path), copy)
        return os.fsencode(copy)


def watch(script: str, folder: Path, keep: Copies | None = None) -> Trace:
    command = Command(argv=(sys.executable, "-c", script), cwd=str(folder))
    return Seccomp().observe(command, keep or (lambda path: b""))


def shell(script: str, folder: Path) -> Trace:
    return Seccomp().observe(Command(argv=("sh", "-c", script), cwd=str(folder)), lambda path: b"")


@pytest.mark.parametrize(
    ("change", "op"),
    [
        ("open('x', 'w')", "write"),
        ("open('x', 'r+')", "readwrite"),
        ("open('x', 'a')", "append"),
        ("os.truncate('x', 0)", "truncate"),
        ("os.unlink('x')", "unlink"),
        ("open('y', 'w').close(); os.replace('y', 'x')", "rename"),
    ],
)
def test_the_bytes_before_a_change_are_kept(tmp_path: Path, change: str, op: str) -> None:
    (tmp_path / "x").write_text("before")
    keep = Copies(tmp_path)
    trace = watch(f"import os; {change}", tmp_path, keep)
    (event,) = about(trace, tmp_path / "x")
    assert event.op == op
    assert Path(os.fsdecode(event.kept)).read_text() == "before"
    assert keep.asked == [os.fsencode(tmp_path / "x")]


def test_bytes_are_kept_once_and_never_of_what_the_run_made(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    keep = Copies(tmp_path)
    script = """
import os
for _ in range(3):
    open('old', 'w').close()
    open('new', 'w').close()
    open('part', 'w').close()
    os.replace('part', 'new')
os.unlink('new')
"""
    watch(script, tmp_path, keep)
    assert keep.asked == [os.fsencode(tmp_path / "old")]


def test_a_moved_file_is_still_kept_before_it_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    keep = Copies(tmp_path)
    trace = watch("import os; os.rename('old', 'moved'); open('moved', 'w')", tmp_path, keep)
    assert [e.kept != b"" for e in about(trace, tmp_path / "moved")] == [False, True]


def test_a_keep_that_fails_is_a_gap_and_no_harm(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("before")

    def full(path: bytes) -> bytes:
        raise OSError("no space left")

    command = Command(
        argv=(sys.executable, "-c", "open('x', 'w').write('after')"), cwd=str(tmp_path)
    )
    trace = Seccomp().observe(command, full)
    assert (tmp_path / "x").read_text() == "after"
    assert "no space left" in trace.gaps[0]


def test_removing_a_symlink_keeps_nothing_and_names_the_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("x")
    (tmp_path / "link").symlink_to("target")
    keep = Copies(tmp_path)
    trace = watch("import os; os.unlink('link')", tmp_path, keep)
    (event,) = about(trace, tmp_path / "link")
    assert event.stat is not None
    assert stat.S_ISLNK(event.stat[5])
    assert keep.asked == []


def test_links_name_both_ends(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "x").touch()
    trace = watch("import os; os.link('x', 'hard'); os.symlink('../x', 'in/soft')", tmp_path)
    assert [(e.op, e.path) for e in about(trace, tmp_path / "hard")] == [
        ("link", os.fsencode(tmp_path / "x"))
    ]
    assert [(e.op, e.path) for e in about(trace, tmp_path / "in" / "soft")] == [
        ("symlink", os.fsencode(tmp_path / "x"))
    ]


def test_a_path_through_a_symlink_and_back_is_named_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (tmp_path / "far" / "x").write_text("far")
    (tmp_path / "link").symlink_to("far/deep")
    trace = watch("open('link/../x')", tmp_path)
    assert ops(trace, tmp_path / "far" / "x") == ["read"]


def test_threads_are_seen_under_their_process(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / str(number)).touch()
    script = """
import threading
def read(number):
    for _ in range(20): open(str(number)).close()
threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
    trace = watch(script, tmp_path)
    assert {about(trace, tmp_path / str(n))[0].pid for n in range(8)} == {trace.executables[0].pid}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools_of_processes_are_seen(tmp_path: Path, method: str) -> None:
    for number in range(20):
        (tmp_path / str(number)).touch()
    (tmp_path / "main.py").write_text(f"""
import multiprocessing
def read(number): open(str(number)).close()
if __name__ == "__main__":
    with multiprocessing.get_context("{method}").Pool(2) as pool: pool.map(read, range(20))
""")
    command = Command(argv=(sys.executable, "main.py"), cwd=str(tmp_path))
    trace = Seccomp().observe(command, lambda path: b"")
    assert all(ops(trace, tmp_path / str(n)) == ["read"] for n in range(20))
    assert trace.gaps == ()


def test_shell_redirections_and_pipelines_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n")
    trace = shell("cat < a | tr x y > b; mv b c; echo more >> c", tmp_path)
    assert (tmp_path / "c").read_text() == "y\nmore\n"
    assert ops(trace, tmp_path / "a") == ["read"]
    assert ops(trace, tmp_path / "c") == ["rename", "append"]
    assert [e.path.rpartition(b"/")[2] for e in trace.executables][:1] == [b"sh"]


def test_a_static_program_is_seen(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler here")
    (tmp_path / "x.c").write_text('#include <fcntl.h>\nint main(){return open("x.c",0)<0;}')
    made = subprocess.run([compiler, "-static", "x.c", "-o", "x"], cwd=tmp_path, check=False)
    if made.returncode:
        pytest.skip("no static libc here")
    command = Command(argv=("./x",), cwd=str(tmp_path))
    assert ops(Seccomp().observe(command, lambda path: b""), tmp_path / "x.c") == ["read"]


def test_what_a_daemon_writes_after_the_command_ended_is_seen(tmp_path: Path) -> None:
    trace = shell("(sleep 0.4; echo late > out) </dev/null >/dev/null 2>&1 & exit 5", tmp_path)
    assert ops(trace, tmp_path / "out") == ["write"]
    assert trace.exit == 5
    assert trace.gaps == ()


def test_an_idle_daemon_is_left_to_the_standby(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sestina.capture.watch.QUIET", 0.3)
    began = time.monotonic()
    script = "(sleep 1.5; cat a > out; echo $? > code) </dev/null >/dev/null 2>&1 &"
    (tmp_path / "a").write_text("x")
    trace = shell(script, tmp_path)
    assert time.monotonic() - began < 1.3
    assert any("outlived the run" in gap for gap in trace.gaps)
    wait_until(lambda: (tmp_path / "code").exists() and (tmp_path / "code").read_text() == "0\n")
    assert (tmp_path / "out").read_text() == "x"


def test_descriptor_relative_paths_are_seen(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x").touch()
    script = """
import os
folder = os.open('in', os.O_RDONLY)
os.open('x', os.O_RDONLY, dir_fd=folder)
os.rename('x', 'y', src_dir_fd=folder, dst_dir_fd=folder)
"""
    assert ops(watch(script, tmp_path), tmp_path / "in" / "x") == ["read", "rename"]


def test_a_path_descriptor_is_no_read(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    trace = watch("import os; os.open('x', os.O_PATH)", tmp_path)
    assert ops(trace, tmp_path / "x") == []


def test_files_open_from_the_start_are_seen(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("x")
    script = (
        "from sestina.capture.seccomp import Seccomp; from sestina.capture.observer import Command;"
        "t = Seccomp().observe(Command(argv=('cat',)), lambda path: b'');"
        "import sys; print([(e.op, e.path) for e in t.events[:2]], file=sys.stderr)"
    )
    with open(tmp_path / "in") as given, open(tmp_path / "out", "w") as made:
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=given, stdout=made, stderr=subprocess.PIPE
        )
    seen = eval(done.stderr)
    assert sorted(seen) == [
        ("read", os.fsencode(tmp_path / "in")),
        ("write", os.fsencode(tmp_path / "out")),
    ]


def test_the_program_of_a_scripts_first_line_is_seen(tmp_path: Path) -> None:
    script = tmp_path / "go"
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    trace = Seccomp().observe(Command(argv=(str(script),)), lambda path: b"")
    assert [e.path for e in trace.events if e.op == "exec"][:2] == [
        os.fsencode(script),
        os.fsencode(sys.executable),
    ]


def test_connections_are_peers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"""
import socket
socket.create_connection(("127.0.0.1", {port}))
s = socket.socket(socket.AF_UNIX)
s.connect_ex("/nowhere/sock")
if socket.has_ipv6: socket.socket(socket.AF_INET6).connect_ex(("::1", {port}))
"""
        trace = watch(script, tmp_path)
    assert f"127.0.0.1:{port}" in trace.peers
    assert "unix:/nowhere/sock" in trace.peers


def test_io_uring_is_a_gap(tmp_path: Path) -> None:
    trace = watch("import ctypes; ctypes.CDLL(None).syscall(425, 1, None)", tmp_path)
    assert [gap for gap in trace.gaps if gap.startswith("io_uring used by pid")]


def test_a_program_in_a_folder_as_its_root_is_seen_from_ours(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may change its root")
    (tmp_path / "x").write_text("inside")
    script = f"import os; os.chroot({str(tmp_path)!r}); os.chdir('/'); open('/x'); open('x')"
    assert ops(watch(script, tmp_path), tmp_path / "x") == ["read"]


def test_files_of_another_mount_namespace_are_looked_at_there(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("outside")
    script = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x20000): raise SystemExit(9)
if libc.mount(None, b"/", None, 0x44000, None): raise SystemExit(9)
if libc.mount(b"none", b".", b"tmpfs", 0, None): raise SystemExit(9)
os.chdir(os.getcwd())
open('x', 'w').write('in')
open('x')
"""
    trace = watch(script, tmp_path)
    if trace.exit == 9:
        pytest.skip("no namespaces here")
    assert [(e.op, e.stat and e.stat[2]) for e in about(trace, tmp_path / "x")] == [
        ("write", None),
        ("read", 2),
    ]
    assert [gap for gap in trace.gaps if "mounts of its own" in gap]


def test_standard_streams_and_the_process_group_are_untouched(tmp_path: Path) -> None:
    script = """
import os, subprocess, sys
sys.path.insert(0, {path!r})
from sestina.capture.seccomp import Seccomp
from sestina.capture.observer import Command
inner = "import os, signal; print(os.getpgrp(), os.getsid(0), os.isatty(0), os.isatty(1), " \\
    "signal.getsignal(signal.SIGINT) is signal.default_int_handler, " \\
    "signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
print(os.getpgrp(), os.getsid(0), "True True True True", flush=True)
Seccomp().observe(Command(argv=(sys.executable, "-c", inner)), lambda path: b"")
""".format(path=str(Path(__file__).parents[2] / "src"))
    pid, terminal = os.forkpty()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", script])
    said = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
    os.waitpid(pid, 0)
    first, second = said.decode().split("\r\n")[:2]
    assert first == second


def test_it_works_in_a_thread_that_signals_do_not_reach(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    found: list[Trace] = []
    thread = threading.Thread(target=lambda: found.append(run(Seccomp(), "open('x')", tmp_path)))
    thread.start()
    thread.join(20)
    assert ops(found[0], tmp_path / "x") == ["read"]


def test_children_and_alarms_of_the_caller_are_left_alone(tmp_path: Path) -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    timer = signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with subprocess.Popen([sys.executable, "-c", "raise SystemExit(4)"]) as mine:
            run(Seccomp(), "import time; time.sleep(0.5)", tmp_path)
            assert mine.wait() == 4
        wait_until(lambda: rung == [signal.SIGALRM])
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)


def test_a_program_of_another_kind_of_processor_cannot_start(tmp_path: Path) -> None:
    program = tmp_path / "x"
    program.write_bytes(b"\x7fELF" + bytes(60))
    program.chmod(0o755)
    with pytest.raises(Unavailable, match="cannot be executed") as caught:
        Seccomp().observe(Command(argv=(str(program),)), lambda path: b"")
    assert caught.value.code == "unavailable/command"


@pytest.mark.parametrize("argv", [(), ("",), ("a\0b",)])
def test_no_command_is_invalid(argv: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        Seccomp().observe(Command(argv=argv), lambda path: b"")


def test_a_missing_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Seccomp().observe(Command(argv=("true",), cwd=str(tmp_path / "no")), lambda path: b"")
    assert caught.value.code == "not-found/folder"


def test_a_second_listener_is_refused_in_words(tmp_path: Path) -> None:
    script = (
        "from sestina.capture.seccomp import Seccomp; import sys;"
        "sys.exit(0 if 'already listens' in (Seccomp().probe() or '') else 1)"
    )
    assert run(Seccomp(), script, tmp_path).exit == 0


def test_a_probe_is_quick() -> None:
    took = []
    for _ in range(3):
        began = time.process_time()
        assert Seccomp().probe() is None
        took.append(time.process_time() - began)
    assert min(took) < 0.03


def test_without_privilege_it_sees_as_much() -> None:
    if os.geteuid() != 0:
        pytest.skip("already without privilege")
    folder = Path(tempfile.mkdtemp())  # pytest's own is closed to others
    folder.chmod(0o755)
    (folder / "x").touch()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # readable again after the change of user
            command = Command(argv=("cat", "x"), cwd=str(folder))
            trace = Seccomp().observe(command, lambda path: b"")
            os._exit(0 if ops(trace, folder / "x") == ["read"] and not trace.gaps else 1)
        finally:
            os._exit(2)
    status = os.waitpid(pid, 0)[1]
    shutil.rmtree(folder)
    assert os.waitstatus_to_exitcode(status) == 0


def wait_until(true: object, patience: float = 10) -> None:
    deadline = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def test_a_signal_that_was_ignored_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for a job with `&`
    try:
        script = "import signal; raise SystemExit(signal.getsignal(2) is signal.SIG_IGN)"
        assert run(Seccomp(), script, tmp_path).exit == 1
    finally:
        signal.signal(signal.SIGINT, before)
    script = "import signal; raise SystemExit(signal.getsignal(2) is signal.default_int_handler)"
    assert run(Seccomp(), script, tmp_path).exit == 1


def test_a_kernel_that_cannot_continue_a_call_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    old = os.uname_result(("Linux", "host", "5.4.0-200-generic", "#1", "x86_64"))
    monkeypatch.setattr(os, "uname", lambda: old)
    assert "has no seccomp user notification" in (Seccomp().probe() or "")
