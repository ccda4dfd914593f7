"""From real commands to observations."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sestina.capture import pick, session
from sestina.capture.grade import grade, grade_line
from sestina.errors import InvalidInput, NotFound
from sestina.kernel.withhold import WITHHELD
from sestina.records.observation import INPUTS, Observation, SeenFile
from sestina.records.settings import Settings

GITHUB = "ghp_" + "a1B2" * 9
WORKING = [name for name, make in pick.OBSERVERS.items() if make().probe() is None]
KERNEL = [name for name in WORKING if name != "python"]
kernel = pytest.mark.skipif("seccomp" not in WORKING, reason="seccomp does not work here")


@dataclass
class Project:
    """A folder in which commands are observed."""

    folder: Path
    live: Path
    runs: int = 0

    def has(self, name: str, text: str = "1\n") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def sees(
        self,
        *words: str,
        capture: str = "auto",
        settings: Settings | None = None,
        **variables: str,
    ) -> Observation:
        self.runs += 1
        return session.observe(
            [sys.executable if word == "python" else word for word in words],
            project=self.folder,
            live=self.live / str(self.runs),
            run=f"r{self.runs}",
            cwd=self.folder,
            environ={**clean(), **variables},
            capture=capture,
            settings=settings,
        )


def clean() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ}


def kinds(seen: Observation) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for file in seen.files:
        root, _, name = file.path.partition(":")
        if root == "project":
            found.setdefault(name, set()).add(file.kind)
    return found


def the(seen: Observation, name: str, kind: str) -> SeenFile:
    (file,) = [f for f in seen.files if f.path == f"project:{name}" and f.kind == kind]
    return file


def identity(seen: Observation) -> object:
    """Returns everything of an observation that may enter a recipe, contents by their SHA-256."""
    files = {
        (
            file.path,
            file.kind,
            file.executable,
            hashlib.sha256(Path(os.fsdecode(file.at)).read_bytes()).hexdigest(),
        )
        for file in seen.files
        if file.kind in INPUTS
    }
    return files, seen.argv, seen.script, seen.folder, seen.listings, seen.absent


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "work").mkdir()
    (tmp_path / "live").mkdir()
    return Project(tmp_path / "work", tmp_path / "live")


TRAIN = """\
import json, os, sys
import features
knobs = json.load(open("knobs.json"))
rows = open("rows.csv").read().split()
for name in ("local.yaml", "data/none.csv"):
    try:
        open(name)
    except OSError:
        pass
os.listdir("parts")
with open("model.tmp", "w") as file:
    file.write(str(features.total(rows)))
os.replace("model.tmp", "model.txt")
with open("history.log", "a") as file:
    file.write("one\\n")
open("model.txt").read()
with open("state.txt", "r+") as file:
    held = file.read()
    file.seek(0)
    file.write("later")
print(held)
"""


def lay_out(project: Project) -> None:
    project.has("train.py", TRAIN)
    project.has("features.py", "def total(rows):\n    return len(rows)\n")
    project.has("knobs.json", "{}")
    project.has("rows.csv", "1\n2\n")
    project.has("parts/a.csv")
    project.has("state.txt", "first")


@kernel
def test_every_file_of_a_training_is_what_it_was_to_it(project: Project) -> None:
    lay_out(project)
    seen = project.sees("python", "train.py", "--rate", "1")
    assert kinds(seen) == {
        "train.py": {"code"}, "features.py": {"code"}, "knobs.json": {"config"},
        "rows.csv": {"data"}, "model.tmp": {"scratch"}, "model.txt": {"intermediate"},
        "history.log": {"output"}, "state.txt": {"data", "output"},
    }  # fmt: skip
    assert Path(os.fsdecode(the(seen, "state.txt", "data").at)).read_text() == "first"
    assert Path(os.fsdecode(the(seen, "state.txt", "output").at)).read_text() == "later"
    assert seen.absent == ("project:data/none.csv", "project:local.yaml")
    assert "project:parts" in dict(seen.listings)
    assert (seen.script, seen.argv[1:], seen.folder) == (2, ("train.py", "--rate", "1"), "project:")
    assert (seen.exit, seen.gaps, seen.peers) == (0, (), ())
    assert grade(seen) == "complete (kernel)"
    assert grade_line(seen) == "complete (kernel) - 3 inputs, 2 code, 3 outputs"
    assert seen.ended > seen.began
    assert float(seen.cpu_seconds) > 0


@kernel
def test_a_second_run_and_a_moved_copy_are_the_same(project: Project, tmp_path: Path) -> None:
    lay_out(project)
    project.has("train.py", TRAIN.replace('"r+"', '"r"').replace('file.write("later")', "pass"))
    copy = Project(tmp_path / "far" / "away", tmp_path / "live2")
    shutil.copytree(project.folder, copy.folder)
    first = project.sees("python", "train.py", "--in", str(project.folder / "rows.csv"))
    second = project.sees("python", "train.py", "--in", str(project.folder / "rows.csv"))
    moved = copy.sees("python", "train.py", "--in", str(copy.folder / "rows.csv"))
    assert identity(first) == identity(second)
    assert identity(first) == identity(moved)
    assert first.argv[3] == "project:rows.csv"


@pytest.mark.parametrize("capture", KERNEL)
def test_pipelines_scripts_and_redirections_are_seen(project: Project, capture: str) -> None:
    project.has("rows.csv", "b\na\n")
    project.has("sum.awk", "END { print NR }\n")
    project.has("settings.sh", "LIMIT=1\n")
    project.has(
        "run.sh", "#!/bin/sh\n. ./settings.sh\nsort rows.csv | head -n $LIMIT > top.txt\n"
    ).chmod(0o755)
    project.has("Makefile", "all:\n\t@./run.sh\n\t@awk -f sum.awk rows.csv > count.txt\n")
    seen = project.sees("make", "all", capture=capture)
    assert kinds(seen) == {
        "Makefile": {"code"}, "run.sh": {"code"}, "settings.sh": {"code"}, "sum.awk": {"code"},
        "rows.csv": {"data"}, "top.txt": {"output"}, "count.txt": {"output"},
    }  # fmt: skip
    assert (seen.argv, seen.script) == (("make", "all"), 1)
    assert grade(seen) == "complete (kernel)"


@kernel
def test_children_of_every_kind_are_seen(project: Project) -> None:
    project.has(
        "pool.py",
        "import multiprocessing as m, subprocess\n"
        "def read(name):\n    return open(name).read()\n"
        "if __name__ == '__main__':\n"
        "    for kind in ('fork', 'spawn'):\n"
        "        with m.get_context(kind).Pool(1) as pool:\n"
        "            pool.map(read, [kind + '.csv'])\n"
        "    subprocess.run(['cat', 'cat.csv'], stdout=subprocess.DEVNULL)\n",
    )
    for name in ("fork", "spawn", "cat"):
        project.has(f"{name}.csv")
    found = kinds(project.sees("python", "pool.py"))
    assert {n: k for n, k in found.items() if k != {"scratch"}} == {
        "pool.py": {"code"}, "fork.csv": {"data"}, "spawn.csv": {"data"}, "cat.csv": {"data"},
    }  # fmt: skip


@kernel
def test_inputs_outside_the_project_are_inputs(project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "lake"
    outside.mkdir()
    (outside / "a.csv").write_text("1")
    (outside / "b.csv").write_text("2")
    (project.folder / "link.csv").symlink_to(outside / "b.csv")
    seen = project.sees("cat", str(outside / "a.csv"), "link.csv")
    data = {file.path: file for file in seen.files if file.kind == "data"}
    logical = seen.roots.logical(os.fsencode(outside / "a.csv"))
    assert set(data) == {logical, "project:link.csv"}
    assert data["project:link.csv"].link is None
    assert Path(os.fsdecode(data["project:link.csv"].at)).read_text() == "2"


@kernel
def test_standard_input_from_a_file_is_an_input(project: Project) -> None:
    project.has("rows.csv")
    program = (
        "import sys; from pathlib import Path; from sestina.capture.session import observe;"
        "seen = observe(['cat'], project=Path('.'), live=Path('../live/x'), run='x');"
        "print([f.path for f in seen.files if f.kind == 'data'], file=sys.stderr)"
    )
    with (project.folder / "rows.csv").open() as rows:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=project.folder, stdin=rows, capture_output=True,
            text=True, check=True,
        )  # fmt: skip
    assert done.stderr == "['project:rows.csv']\n"


@kernel
def test_a_token_in_source_is_withheld_and_a_key_file_never_copied(project: Project) -> None:
    project.has("train.py", f"TOKEN = '{GITHUB}'\nopen('server.pem', 'a').close()\n")
    project.has("server.pem", "key")
    seen = project.sees("python", "train.py")
    held = Path(os.fsdecode(the(seen, "train.py", "code").at)).read_text()
    assert held == f"TOKEN = '{WITHHELD}'\nopen('server.pem', 'a').close()\n"
    assert the(seen, "train.py", "code").rule.endswith("secrets in it withheld")
    assert kinds(seen)["server.pem"] == {"secret"}
    allowed = project.sees("python", "train.py", settings=Settings(allow=("train.py",)))
    assert the(allowed, "train.py", "code").at == bytes(project.folder / "train.py")


@kernel
def test_words_with_secrets_are_recorded_without_them(project: Project) -> None:
    seen = project.sees("python", "-c", "pass", "--password", "hunter2", "mysql://a:b@c/d")
    assert seen.argv[-2:] == (WITHHELD, f"mysql://a:{WITHHELD}@c/d")


@kernel
def test_only_what_was_read_is_copied_before_it_is_overwritten(
    project: Project,
) -> None:
    for name in ("read.csv", "unread.csv"):
        project.has(name, "before")
    program = (
        "open('read.csv').read()\n"
        "for name in ('read', 'unread'):\n    open(name + '.csv', 'w').write('after')\n"
    )
    seen = project.sees("python", "-c", program)
    assert kinds(seen) == {"read.csv": {"data", "output"}, "unread.csv": {"output"}}
    kept = [path.read_text() for path in (project.live / "1" / "kept").iterdir()]
    assert kept == ["before"]


@kernel
def test_what_a_file_held_before_it_was_appended_to_and_read_is_an_input(project: Project) -> None:
    project.has("results.csv", "old\n")
    seen = project.sees("sh", "-c", "echo new >> results.csv; wc -l results.csv > count.txt")
    assert Path(os.fsdecode(the(seen, "results.csv", "data").at)).read_text() == "old\n"
    assert grade(seen) == "complete (kernel)"


@kernel
def test_a_file_that_somebody_else_changes_meanwhile_is_torn(project: Project) -> None:
    project.has("rows.csv")
    until = "while ! test -e {}; do sleep 0.02; done"
    outsider = subprocess.Popen(
        ["sh", "-c", f"{until.format('ready')}; echo 2 >> rows.csv; : > go"], cwd=project.folder
    )
    seen = project.sees("sh", "-c", f"cat rows.csv > seen.csv; : > ready; {until.format('go')}")
    outsider.wait()
    assert the(seen, "rows.csv", "data").torn
    assert grade(seen).startswith("partial (kernel) - project:rows.csv changed while the run")


@kernel
@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_an_interpreter_without_the_hook_lowers_the_grade(project: Project, option: str) -> None:
    project.has("train.py", "print(open('train.py').read(1))\n")
    seen = project.sees("python", option, "train.py")
    assert grade(seen).startswith("partial (kernel) - hook not loaded in '")
    assert option in grade(seen)
    assert kinds(seen) == {"train.py": {"code"}}


@kernel
@pytest.mark.parametrize(
    ("ends", "complete"),
    [
        ("os.execve(sys.executable, [sys.executable, 'next.py'], {})", False),
        ("os.waitpid(os.posix_spawn(sys.executable, [sys.executable, 'next.py'], {}), 0)", False),
        ("os.execv(sys.executable, [sys.executable, 'next.py'])", True),
        ("'x' in sys.argv or os.execv(sys.executable, ['python', 'train.py', 'x'])", True),
        ("os.execv('next.py', ['next.py'])", True),
    ],
)
def test_a_program_that_a_process_becomes_is_asked_for_its_own_hook(
    project: Project, ends: str, complete: bool
) -> None:
    project.has("train.py", f"import os, sys\n{ends}\n")
    project.has("next.py", f"#!{sys.executable}\nprint(1)\n")
    (project.folder / "next.py").chmod(0o755)
    seen = project.sees("python", "train.py")
    assert ("hook not loaded in" in grade(seen)) is not complete
    assert "next.py" in grade(seen) or complete


@kernel
def test_a_run_inside_a_run_joins_it(project: Project) -> None:
    project.has("rows.csv")
    program = (
        "import os; from sestina.capture.session import join, outer_run;"
        "print(outer_run(os.environ)); raise SystemExit(join(['sh', '-c', 'cat rows.csv; exit 3']))"
    )
    seen = project.sees("python", "-c", program)
    assert seen.exit == 3
    assert kinds(seen) == {"rows.csv": {"data"}}
    environ = {"SESTINA_RUN": "r1", "SESTINA_HOOK": str(project.live / "1" / "hook")}
    assert session.outer_run(environ) is None
    assert session.outer_run({}) is None


@pytest.mark.parametrize("capture", WORKING)
def test_exit_codes_are_those_of_the_command(project: Project, capture: str) -> None:
    assert project.sees("sh", "-c", "exit 7", capture=capture).exit == 7
    assert project.sees("sh", "-c", "kill -TERM $$", capture=capture).exit == 143


def test_a_command_that_is_not_there_is_an_error(project: Project) -> None:
    with pytest.raises(NotFound, match="no program"):
        project.sees("no-such-program")
    with pytest.raises(NotFound):
        session.join(["no-such-program"])


def test_an_observer_that_is_none_is_an_error(project: Project) -> None:
    with pytest.raises(InvalidInput, match="sestina doctor"):
        project.sees("true", capture="magic")


@kernel
def test_the_environment_of_the_child_is_its_own_but_for_the_hook(project: Project) -> None:
    program = "import os; print(*sorted(n for n in os.environ if n.startswith(('PYTHON', 'SEST'))))"
    seen = project.sees("sh", "-c", f'{sys.executable} -c "{program}" > seen.txt', PYTHONPATH="lib")
    assert seen.environ["PYTHONPATH"] == "lib"
    assert not any(name.startswith("SESTINA") for name in seen.environ)
    assert "PYTHONPATH" in (project.folder / "seen.txt").read_text()


@kernel
def test_hostile_names_are_told_whole(project: Project) -> None:
    name = b"a\nb\xff -x.csv"
    Path(os.fsdecode(bytes(project.folder) + b"/" + name)).write_text("1")
    project.has("read.py", f"open({name!r}).read()\n")
    seen = project.sees("python", "read.py")
    (file,) = [file for file in seen.files if file.kind == "data"]
    assert file.path == "project:a\\x0ab\\xff -x.csv"
    assert file.real == bytes(project.folder) + b"/" + name


@kernel
def test_libraries_that_read_natively_are_seen(project: Project) -> None:
    pytest.importorskip("polars")
    project.has("rows.csv", "a,b\n1,2\n")
    project.has("read.py", "import polars\nprint(polars.read_csv('rows.csv').height)\n")
    seen = project.sees("python", "read.py")
    assert kinds(seen) == {"read.py": {"code"}, "rows.csv": {"data"}}
    assert grade(seen) == "complete (kernel)"


def test_without_the_kernel_python_says_what_it_opened(project: Project) -> None:
    lay_out(project)
    seen = project.sees("python", "train.py", capture="python")
    found = kinds(seen)
    assert found["rows.csv"] == {"data"}
    assert found["train.py"] == found["features.py"] == {"code"}
    assert found["knobs.json"] == {"config"}
    assert "output" in found["state.txt"]
    assert grade(seen).startswith("partial (python only)")
