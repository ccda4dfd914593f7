"""Bad input gets a clear error, and nothing is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def trained(project):
    project.write("train.py", "print(open('data.csv').read())\n")
    project.write("data.csv", "a\n1\n")
    project.run("python", "train.py")
    return project


def test_a_missing_command_is_told(project):
    done = project.sestina("run", "--", "no-such-command")
    assert done.returncode == 125
    assert "no-such-command" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_command_is_told(project):
    done = project.sestina("run")
    assert done.returncode == 2
    assert "sestina run" in done.stderr


def test_a_repo_of_a_newer_format_is_refused_and_left_alone(trained):
    format_file = trained.folder / ".sestina" / "format"
    format_file.write_text(format_file.read_text() + "feature from-the-future\n")
    done = trained.sestina("log")
    assert done.returncode == 8
    assert "from-the-future" in done.stderr
    assert trained.sestina("run", "--", sys.executable, "train.py").returncode == 125


def test_a_damaged_catalog_is_rebuilt(trained):
    before = trained.sestina("log", "--json").stdout
    for path in Path(trained.environ["XDG_CACHE_HOME"]).rglob("*.sqlite*"):
        path.write_bytes(b"not a database" * 100)
    after = trained.sestina("log", "--json")
    assert (after.returncode, after.stdout) == (0, before), after.stderr
    trained.run("python", "train.py")
    assert trained.sestina("check").returncode == 0


def test_a_deleted_or_read_only_cache_loses_nothing(trained):
    before = trained.sestina("log", "--json").stdout
    cache = trained.folder / "not-a-folder"
    cache.write_text("")
    done = trained.sestina("log", "--json", XDG_CACHE_HOME=str(cache))
    assert (done.returncode, done.stdout) == (0, before), done.stderr
    assert sqlite3.sqlite_version


def test_hostile_file_names_are_inputs_like_any_other(project):
    names = [b"new\nline.csv", b"\xff\xfe.csv", b"-rf", b"a" * 251 + b".csv", "é ü.csv".encode()]
    for name in names:
        Path(os.fsdecode(bytes(project.folder) + b"/" + name)).write_bytes(name)
    project.write(
        "read.py",
        "import os\n"
        "for name in sorted(os.listdir(b'.')):\n"
        "    if not name.endswith(b'.py') and os.path.isfile(name):\n"
        "        open(name, 'rb').read()\n",
    )
    project.run("python", "read.py")
    with project.repo() as repo:
        from sestina.records.ingredient import DataRecord
        from sestina.store import trees

        record = repo.records.get(project.recipe().data.record, DataRecord)
        leaves = list(trees.walk(repo, record.files))
        contents = {repo.contents.read(leaf.id) for leaf in leaves}
    assert contents == set(names)
    shown = project.sestina("show", "run/" + run_id(project))
    assert shown.returncode == 0, shown.stderr
    assert "new\nline" not in shown.stdout
    into = project.folder.parent / "back"
    done = project.sestina("restore", "run/" + run_id(project), "--into", str(into))
    assert done.returncode == 0, done.stderr
    for name in names:
        assert Path(os.fsdecode(bytes(into) + b"/" + name)).read_bytes() == name
    assert project.sestina("check").returncode == 0


def run_id(project) -> str:
    with project.repo() as repo:
        return repo.refs.runs()[0].id[:12]


def test_an_unreadable_input_does_not_stop_the_run(project):
    project.write("train.py", "try:\n    open('locked.csv')\nexcept OSError:\n    print('no')\n")
    project.write("locked.csv", "1\n").chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    assert project.run("python", "train.py").stdout == "no\n"


def test_fifos_and_sockets_are_never_opened(project):
    os.mkfifo(project.folder / "pipe")
    project.write("read.py", "print(open('pipe').read())")
    writer = subprocess.Popen(
        [sys.executable, "-c", "open('pipe', 'w').write('through')"], cwd=project.folder
    )
    assert project.run("python", "read.py").stdout == "through\n"
    writer.wait(timeout=10)
    assert project.sestina("check").returncode == 0


def test_a_clock_that_went_back_does_not_break_the_journal(trained, monkeypatch):
    import sestina

    yesterday = time.time_ns() - 86_400 * 10**9
    run = run_id(trained)
    monkeypatch.setenv("XDG_CACHE_HOME", trained.environ["XDG_CACHE_HOME"])
    with monkeypatch.context() as patched, sestina.open(trained.folder) as repo:
        patched.setattr(time, "time_ns", lambda: yesterday)
        sestina.tag(repo, "old", f"run/{run}")
    done = trained.sestina("check")
    assert done.returncode == 0
    assert "clock" in done.stdout
    trained.run("python", "train.py")


def fill(path: Path) -> None:
    filler = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while os.write(filler, b"\0" * 4096):
            pass
    except OSError:
        os.close(filler)


def test_a_full_disk_is_told_and_the_next_run_is_accepted(tmp_path, another):
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        another.folder = disk
        another.write(
            "train.py", "print(len(open('/dev/null').read()))\nopen('small.csv').read()\n"
        )
        another.write("small.csv", "1\n")
        another.run("python", "train.py")
        fill(disk / "filler")
        full = another.sestina("run", "--", sys.executable, "train.py")
        assert full.returncode == 0, full.stderr
        assert "error[unavailable/" in full.stderr
        assert another.sestina("log").returncode == 0
        (disk / "filler").unlink()
        another.run("python", "train.py")
        checked = another.sestina("check")
        assert checked.returncode == 0, checked.stdout
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
