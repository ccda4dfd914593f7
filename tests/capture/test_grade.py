"""How complete a capture was, in one line."""

from __future__ import annotations

import pytest

from sestina.capture.grade import grade, grade_line, handed_over, outside_peers
from sestina.capture.observer import Executable
from sestina.records.observation import Observation, SeenFile
from sestina.records.paths import Roots


def seen(*, observer: str = "seccomp", **fields: object) -> Observation:
    return Observation(
        argv=("x",), script=1, folder="project:", roots=Roots(project=b"/p"), environ={},
        observer=observer, **{"files": (), **fields},  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("observer", "gaps", "line"),
    [
        ("seccomp", (), "complete (kernel)"),
        ("strace", (), "complete (kernel)"),
        ("seccomp", ("io_uring used by pid 812",), "partial (kernel) - io_uring used by pid 812"),
        ("python", (), "partial (python only)"),
        ("python", ("polars loaded",), "partial (python only) - polars loaded"),
        ("declared", ("x",), "declared"),
        ("seccomp", ("work handed to docker",), "partial (work handed to docker)"),
        ("seccomp", ("work handed to ray", "a", "work handed to spark"),
         "partial (work handed to ray, spark) - a"),
        ("seccomp", ("a", "b", "c", "d", "e"), "partial (kernel) - a; b; c; and 2 more"),
    ],
)  # fmt: skip
def test_the_grade_is_told_in_one_line(observer: str, gaps: tuple[str, ...], line: str) -> None:
    assert grade(seen(observer=observer, gaps=gaps)) == line


def test_the_line_counts_what_was_seen_and_what_was_not() -> None:
    file = SeenFile(path="project:a", real=b"/p/a", at=b"/p/a", kind="data", rule="r", size=1)
    told = seen(files=(file, file), peers=("93.184.216.34:443", "93.184.216.35:443"))
    assert grade_line(told) == (
        "complete (kernel) - 2 inputs, 0 code, 0 outputs; 2 network peers not captured"
    )
    assert grade_line(seen(gaps=("a",))) == "partial (kernel) - a; 0 inputs, 0 code, 0 outputs"


def test_peers_on_this_machine_do_not_count() -> None:
    peers = ("127.0.0.1:80", "[::1]:80", "unix:/run/nscd/socket", "8.8.8.8:53", "[2001:db8::1]:443",
             "10.0.0.7:5432", "0.0.0.0:80")  # fmt: skip
    assert outside_peers(peers) == ("10.0.0.7:5432", "[2001:db8::1]:443")


@pytest.mark.parametrize(
    ("peers", "modules", "programs", "to"),
    [
        (("unix:/var/run/docker.sock",), (), (), ("docker",)),
        (("unix:/run/user/0/podman/podman.sock",), (), (), ("podman",)),
        (("unix:/run/containerd/containerd.sock",), (), (), ("containerd",)),
        (("10.0.0.1:6443",), (), (), ("kubernetes",)),
        (("10.0.0.1:443",), (), (), ("kubernetes",)),
        (("10.0.0.2:7077",), ("pyspark",), (), ("spark",)),
        (("10.0.0.2:7077",), (), (), ()),
        (("127.0.0.1:6379",), ("ray",), (), ("ray",)),
        (("127.0.0.1:6379",), ("ray",), (b"/v/ray/gcs_server",), ()),
        (("127.0.0.1:6379",), ("redis",), (), ()),
        ((), (), (b"/usr/bin/ssh",), ("ssh",)),
        (("unix:/run/dbus/system_bus_socket", "93.184.216.34:443"), (), (), ()),
    ],
)
def test_work_that_leaves_the_processes_is_named(
    peers: tuple[str, ...],
    modules: tuple[str, ...],
    programs: tuple[bytes, ...],
    to: tuple[str, ...],
) -> None:
    ran = [Executable(1, 0, path, (path,)) for path in programs]
    found = handed_over(peers, ran, modules, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert found == tuple(f"work handed to {name}" for name in to)
