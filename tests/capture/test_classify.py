"""What a path was to the run, from traces made by hand."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.capture.bytecode import replace_bytecode, source_of
from sestina.capture.classify import Classified, classify
from sestina.capture.lives import Lives
from sestina.capture.observer import Event
from sestina.capture.scene import Scene
from sestina.capture.sightings import stat_of
from sestina.records.observation import SeenFile
from sestina.records.paths import Roots
from sestina.records.settings import Dataset, Settings


class Story:
    """A run told by hand: files really lie where the events say, stats are the true ones."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        self.home = folder / "home"
        self.home.mkdir()
        self.events: list[Event] = []
        self.began = time.time_ns()
        self.scene = Scene(
            roots=Roots(project=bytes(self.project), prefix=b"/venv", home=bytes(self.home)),
            settings=Settings(),
            prefixes=(b"/venv",),
        )

    def path(self, name: str) -> bytes:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.fsencode(path)

    def has(self, name: str, text: str | bytes = "before") -> bytes:
        path = self.path(name)
        Path(os.fsdecode(path)).write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def does(self, op: str, name: str, other: str = "", kept: bytes = b"") -> None:
        path = self.path(name)
        where = self.path(other) if other else b""
        self.events.append(Event(1, op, path, where, stat_of(path), kept))

    def writes(self, name: str, text: str = "after", op: str = "write", kept: bytes = b"") -> None:
        self.does(op, name, kept=kept)
        with open(self.path(name), "ab" if op == "append" else "wb") as file:
            file.write(text.encode())

    def renames(self, name: str, other: str, kept: bytes = b"") -> None:
        self.does("rename", name, other, kept)
        os.rename(self.path(name), self.path(other))

    def unlinks(self, name: str, kept: bytes = b"") -> None:
        self.does("unlink", name, kept=kept)
        os.unlink(self.path(name))

    def told(self, **settings: object) -> Classified:
        lives = Lives(self.events)
        stale = replace_bytecode(lives)
        scene = replace(
            self.scene,
            settings=Settings(**settings),  # type: ignore[arg-type]
            written=frozenset(lives.written_inodes()),
            began=self.began,
        )
        return classify(lives, scene, stale)

    def kinds(self, **settings: object) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for file in self.told(**settings).files:
            found.setdefault(file.path.removeprefix("project:"), set()).add(file.kind)
        return found

    def file(self, name: str, kind: str) -> SeenFile:
        (found,) = [
            file
            for file in self.told().files
            if file.path == f"project:{name}" and file.kind == kind
        ]
        return found


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("train.py", "code"),
        ("run.sh", "code"),
        ("query.sql", "code"),
        ("Makefile", "code"),
        ("analysis.R", "code"),
        ("config.yaml", "config"),
        ("conf/model.toml", "config"),
        ("pyproject.toml", "config"),
        ("uv.lock", "config"),
        (".env", "dotenv"),
        (".env.example", "data"),
        ("rows.csv", "data"),
        ("notes.txt", "data"),
        ("data/labels.json", "data"),
        ("data/generate.py", "data"),
        ("weights.safetensors", "data"),
        ("deploy.pem", "secret"),
        (".aws/credentials", "secret"),
        (".git/HEAD", "system"),
        (".gitignore", "system"),
        ("mlruns/0/meta.yaml", "scratch"),
        ("mlruns/0/1f/artifacts/model.pkl", "data"),
        ("libfast.so", "code"),
        (".venv/lib/python3.11/site-packages/numpy/core.py", "distribution"),
    ],
)
def test_a_file_that_was_read_is_what_its_name_says(story: Story, name: str, kind: str) -> None:
    story.has(name)
    story.does("read", name)
    assert story.kinds() == {name: {kind}}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/etc/passwd", "system"),
        (b"/etc/localtime", "system"),
        (b"/proc/cpuinfo", "system"),
        (b"/usr/lib/locale/locale-archive", "system"),
        (b"/venv/lib/python3.11/site-packages/a/b.py", "distribution"),
        (b"/venv/lib/python3.11/os.py", "distribution"),
        (b"/venv/bin/python", "distribution"),
        (b"/venv/lib/libmkl.so.2", "library"),
        (b"/usr/lib/x86_64-linux-gnu/libm.so.6", "library"),
        (b"/usr/share/perl/5.36/strict.pm", "library"),
        (b"/usr/share/dict/words", "data"),
        (b"/home/ann/R/x86_64-pc-linux-gnu-library/4.2/dplyr/R/dplyr.rdb", "library"),
        (b"/mnt/lake/part-0.parquet", "data"),
        (b"/mnt/shared/settings.yaml", "config"),
        (b"/mnt/shared/library.py", "code"),
        (b"/opt/corpus/a.txt", "data"),
        (b"/home/ann/.ssh/id_ed25519", "secret"),
        (b"/home/ann/.cache/huggingface/token", "secret"),
        (b"/venv/lib/python3.11/site-packages/certifi/cacert.pem", "distribution"),
        (b"/home/ann/.pyenv/versions/3.11.7/lib/python3.11/json/__init__.py", "distribution"),
        (b"/home/ann/.pyenv/version", "library"),
    ],
)
def test_a_file_outside_the_project_is_what_its_place_says(
    story: Story, path: bytes, kind: str
) -> None:
    seen = stat_of(story.has("any"))
    story.events.append(Event(1, "read", path, b"", seen, b""))
    assert {file.kind for file in story.told().files} == {kind}


def test_the_model_hub_is_data_and_what_is_derived_is_not(story: Story) -> None:
    seen = stat_of(story.has("any"))
    home = bytes(story.home)
    hub = home + b"/.cache/huggingface/hub/models--x--y"
    for path in (
        hub + b"/snapshots/0a1b/config.json",
        hub + b"/refs/main",
        home + b"/.cache/torch/hub/checkpoints/r.pth",
        home + b"/.cache/matplotlib/fontlist.json",
        home + b"/.triton/cache/k.json",
        home + b"/.matplotlib/x",
    ):
        story.events.append(Event(1, "read", path, b"", seen, b""))
    kinds = {os.path.basename(file.real): file.kind for file in story.told().files}
    assert kinds == {
        b"config.json": "data", b"main": "scratch", b"r.pth": "data",
        b"fontlist.json": "scratch", b"k.json": "scratch", b"x": "scratch",
    }  # fmt: skip


def test_a_download_read_in_the_run_that_fetched_it_is_data_already(story: Story) -> None:
    folder = ".cache/huggingface/hub/models--x--y"
    story.writes(f"{folder}/blobs/1f.incomplete")
    story.renames(f"{folder}/blobs/1f.incomplete", f"{folder}/blobs/1f")
    os.makedirs(story.path(f"{folder}/snapshots/c0/m"))
    os.symlink("../../blobs/1f", story.path(f"{folder}/snapshots/c0/model.bin"))
    story.events.append(
        Event(1, "symlink", story.path(f"{folder}/blobs/1f"),
              story.path(f"{folder}/snapshots/c0/model.bin"), None, b"")
    )  # fmt: skip
    story.does("read", f"{folder}/snapshots/c0/model.bin")
    assert story.kinds()[f"{folder}/snapshots/c0/model.bin"] == {"data"}


def test_a_link_that_the_run_made_to_its_own_output_reads_as_an_intermediate(story: Story) -> None:
    story.writes("checkpoint-2/model.pt")
    os.symlink("checkpoint-2", story.path("latest"))
    story.events.append(
        Event(1, "symlink", story.path("checkpoint-2"), story.path("latest"), None, b"")
    )
    story.does("read", "latest/model.pt")
    assert story.kinds() == {
        "checkpoint-2/model.pt": {"output"}, "latest": {"output"},
        "latest/model.pt": {"intermediate"},
    }  # fmt: skip
    assert story.file("latest", "output").link == b"checkpoint-2"


def test_what_is_written_is_an_output_and_when_read_again_an_intermediate(story: Story) -> None:
    story.writes("model.bin")
    story.writes("step.npy")
    story.does("read", "step.npy")
    story.writes("x.tmp")
    story.unlinks("x.tmp")
    assert story.kinds() == {"model.bin": {"output"}, "step.npy": {"intermediate"},
                             "x.tmp": {"scratch"}}  # fmt: skip
    assert story.file("x.tmp", "scratch").gone


def test_saving_by_rename_gives_an_output_under_its_last_name(story: Story) -> None:
    story.writes("model.tmp")
    story.renames("model.tmp", "model.bin")
    assert story.kinds() == {"model.tmp": {"scratch"}, "model.bin": {"output"}}


def test_a_folder_that_is_renamed_takes_its_files_along(story: Story) -> None:
    story.writes("tmp-checkpoint/a/model.pt")
    story.renames("tmp-checkpoint", "checkpoint-1")
    assert story.kinds()["checkpoint-1/a/model.pt"] == {"output"}
    assert story.kinds()["tmp-checkpoint/a/model.pt"] == {"scratch"}


def test_an_input_that_the_run_overwrites_is_its_copy_from_before(story: Story) -> None:
    story.has("state.json", "before")
    kept = story.has("../kept")
    story.does("read", "state.json")
    story.writes("state.json", "after", kept=kept)
    assert story.kinds() == {"state.json": {"data", "output"}}  # a knob is not written by a run
    before, after = story.file("state.json", "data"), story.file("state.json", "output")
    assert (before.at, after.at) == (kept, story.path("state.json"))
    assert not before.torn
    assert story.told().gaps == ()


def test_an_input_whose_bytes_from_before_were_lost_is_named(story: Story) -> None:
    story.has("state.csv")
    story.does("read", "state.csv")
    story.writes("state.csv", "after")
    (gap,) = story.told().gaps
    assert gap.startswith("project:state.csv was read")
    assert story.file("state.csv", "data").at == b""


def test_a_file_opened_for_update_and_left_alone_is_only_an_input(story: Story) -> None:
    story.has("base.db")
    story.does("readwrite", "base.db")
    assert story.kinds() == {"base.db": {"data"}}
    assert story.told().gaps == ()


def test_a_database_that_is_updated_is_an_input_and_an_output(story: Story) -> None:
    story.has("base.db")
    story.writes("base.db", "updated", op="readwrite", kept=story.has("../kept"))
    assert story.kinds() == {"base.db": {"data", "output"}}


def test_appending_makes_an_output_and_no_input(story: Story) -> None:
    story.has("log.csv")
    story.writes("log.csv", op="append")
    assert story.kinds() == {"log.csv": {"output"}}


def test_an_input_that_the_run_moves_away_is_read_where_it_went(story: Story) -> None:
    story.has("in.csv")
    story.does("read", "in.csv")
    story.renames("in.csv", "done.csv")
    seen = story.file("in.csv", "data")
    assert seen.at == story.path("done.csv")
    assert story.told().gaps == ()


def test_a_file_moved_and_then_read_is_an_input_under_its_first_name(story: Story) -> None:
    story.has("incoming.csv")
    story.renames("incoming.csv", "table.csv")
    story.does("read", "table.csv")
    assert story.kinds() == {"incoming.csv": {"data"}, "table.csv": {"intermediate"}}


def test_a_backup_that_nobody_reads_makes_no_input(story: Story) -> None:
    story.has("model.bin")
    story.renames("model.bin", "model.bak")
    story.writes("model.bin")
    assert story.kinds() == {"model.bin": {"output"}, "model.bak": {"output"}}


def test_a_file_that_changed_under_the_run_is_torn_and_named(story: Story) -> None:
    path = story.has("rows.csv")
    story.does("read", "rows.csv")
    with open(path, "ab") as file:
        file.write(b"more")
    assert story.file("rows.csv", "data").torn
    assert story.told().gaps == ("project:rows.csv changed while the run went on",)


def test_a_hard_link_of_an_input_does_not_tear_it(story: Story) -> None:
    path = story.has("rows.csv")
    story.does("read", "rows.csv")
    story.does("link", "rows.csv", "run/rows.csv")
    os.link(path, story.path("run/rows.csv"))
    story.does("read", "run/rows.csv")
    assert story.kinds() == {"rows.csv": {"data"}, "run/rows.csv": {"intermediate"}}
    assert story.told().gaps == ()


def test_bytecode_stands_for_its_source(story: Story) -> None:
    story.has("features.py")
    story.has("__pycache__/features.cpython-311.pyc")
    story.does("read", "__pycache__/features.cpython-311.pyc")
    assert story.kinds() == {"features.py": {"code"}}


def test_bytecode_without_a_source_is_the_code(story: Story) -> None:
    story.has("plugin.pyc")
    story.does("read", "plugin.pyc")
    assert story.kinds() == {"plugin.pyc": {"code"}}


def test_bytecode_under_a_prefix_of_its_own_is_found_back() -> None:
    assert source_of(b"/cache/home/a/m.cpython-312.pyc", b"/cache") == b"/home/a/m.py"


def test_a_first_and_a_second_run_count_the_same_inputs(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    first, second = Story(tmp_path / "1"), Story(tmp_path / "2")
    for story in (first, second):
        story.has("m.py")
    first.does("read", "m.py")
    first.writes("__pycache__/m.cpython-311.pyc.140")
    first.renames("__pycache__/m.cpython-311.pyc.140", "__pycache__/m.cpython-311.pyc")
    second.has("__pycache__/m.cpython-311.pyc")
    second.does("read", "__pycache__/m.cpython-311.pyc")
    assert inputs(first) == inputs(second) == {("project:m.py", "code")}


def inputs(story: Story) -> set[tuple[str, str]]:
    return {(file.path, file.kind) for file in story.told().files}


def test_a_failed_open_in_the_project_is_told_and_one_elsewhere_is_not(story: Story) -> None:
    story.does("read", "local.yaml")
    story.does("read", "__pycache__/m.cpython-311.pyc")
    story.does("read", ".git/config")
    story.events.append(Event(1, "read", b"/etc/none", b"", None, b""))
    assert story.told().absent == ("project:local.yaml",)


def test_a_listing_leaves_out_what_the_run_wrote(story: Story) -> None:
    story.has("parts/a.csv")
    story.does("list", "parts")
    before = dict(story.told().listings)["project:parts"]
    story.writes("parts/sum.csv")
    story.writes("parts/deep/er.csv")
    assert dict(story.told().listings)["project:parts"] == before
    story.has("parts/b.csv")
    assert dict(story.told().listings)["project:parts"] != before


def test_the_users_rules_come_first_but_not_before_secrets(story: Story) -> None:
    for name in ("table.json", "prompt.txt", "big/x.csv", "lookup.csv", "key.pem"):
        story.has(name)
        story.does("read", name)
    kinds = story.kinds(
        data=("table.json",), code=("prompt.txt",), ignore=("big/",), params=("*.pem",),
        datasets=(Dataset(name="look", patterns=("lookup.csv",)),),
    )  # fmt: skip
    assert kinds == {"table.json": {"data"}, "prompt.txt": {"code"}, "big/x.csv": {"scratch"},
                     "lookup.csv": {"data"}, "key.pem": {"secret"}}  # fmt: skip


def test_a_secret_is_opened_only_where_it_is_allowed_by_name(story: Story) -> None:
    story.has("test.pem")
    story.does("read", "test.pem")
    assert story.kinds(allow=("test.pem",)) == {"test.pem": {"data"}}
    assert not story.file("test.pem", "secret").keep


def test_a_link_to_a_secret_is_a_secret(story: Story) -> None:
    story.has(".ssh/id_rsa")
    os.symlink(story.path(".ssh/id_rsa"), story.path("innocent.txt"))
    story.does("read", "innocent.txt")
    assert story.kinds() == {"innocent.txt": {"secret"}}


def test_a_file_over_the_cap_is_not_kept(story: Story) -> None:
    story.has("big.bin", "x" * 100)
    story.does("read", "big.bin")
    assert [file.keep for file in story.told(size_cap=99).files] == [False]
    assert [file.keep for file in story.told(size_cap=100).files] == [True]


def test_a_pipe_is_never_opened(story: Story) -> None:
    os.mkfifo(story.path("queue"))
    story.does("read", "queue")
    assert story.kinds() == {"queue": {"system"}}
    assert story.told().gaps == ("project:queue is a pipe: what came through it was not captured",)
    story.events.insert(0, Event(1, "write", story.path("queue"), b"", None, b""))
    assert story.told().gaps == ()


def test_symlinked_data_keeps_the_name_that_was_used(story: Story, tmp_path: Path) -> None:
    (tmp_path / "far.csv").write_text("1")
    os.symlink(tmp_path / "far.csv", story.path("near.csv"))
    story.does("read", "near.csv")
    assert story.kinds() == {"near.csv": {"data"}}


def test_a_project_entered_through_a_link_has_its_own_names(story: Story, tmp_path: Path) -> None:
    story.has("rows.csv")
    os.symlink(story.project, tmp_path / "alias")
    path = os.fsencode(tmp_path / "alias" / "rows.csv")
    story.events.append(Event(1, "read", path, b"", stat_of(path), b""))
    assert [file.path for file in story.told().files] == ["project:rows.csv"]


def test_config_beside_weights_and_lists_of_records_are_data(story: Story) -> None:
    story.has("base/config.json", "{}")
    story.has("rows.json", " [1]")
    story.has("knobs.json", "{}")
    for name in ("base/config.json", "rows.json", "knobs.json"):
        story.does("read", name)
    story.scene.weights = frozenset({story.path("base")})
    assert story.kinds() == {"base/config.json": {"data"}, "rows.json": {"data"},
                             "knobs.json": {"config"}}  # fmt: skip


def test_sestinas_own_files_are_dropped(story: Story) -> None:
    story.has(".sestina/format")
    story.does("read", ".sestina/format")
    story.scene.own = (story.path(".sestina"),)
    assert story.kinds() == {}


OPS: list[Callable[[Story, str], None]] = [
    lambda story, name: story.does("read", name),
    lambda story, name: story.writes(name),
    lambda story, name: story.writes(name, op="append"),
    lambda story, name: story.writes(name, op="readwrite"),
    lambda story, name: story.unlinks(name) if os.path.exists(story.path(name)) else None,
    lambda story, name: (
        story.renames(name, "moved.csv") if os.path.exists(story.path(name)) else None
    ),
]


@given(
    steps=st.lists(st.tuples(st.sampled_from(OPS), st.sampled_from(["a.csv", "b.py"])), max_size=8),
    there=st.booleans(),
)
def test_every_touched_file_is_told_once_as_input_and_once_as_output_at_most(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[Callable[[Story, str], None], str]],
    there: bool,
) -> None:
    story = Story(tmp_path_factory.mktemp("story"))
    if there:
        story.has("a.csv")
        story.has("b.py")
    for step, name in steps:
        step(story, name)
    files = story.told().files
    sides = [(file.path, file.kind in ("code", "data")) for file in files]
    assert len(sides) == len(set(sides))
    outputs = {file.real for file in files if file.kind in ("output", "intermediate")}
    assert all(os.path.exists(path) for path in outputs)
    wrote = {event.path for event in story.events if event.op in ("write", "append")}
    assert {path for path in wrote if os.path.exists(path)} <= outputs
    if not there:
        assert not any(file.kind in ("code", "data") for file in files)
