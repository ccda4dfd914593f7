"""Params: every knob, compared key by key, each in the record of exactly one ingredient."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sestina.ingredients.claims import split
from sestina.ingredients.params.arguments import arguments, without_seeds
from sestina.ingredients.params.effective import (
    effective,
    marked,
    silent_defaults,
    taken,
    unreferenced,
)
from sestina.ingredients.params.variables import logical, owner
from sestina.ingredients.params.withheld import withheld
from sestina.ingredients.shelf import ingredient
from sestina.records.answers import Change
from sestina.records.facts import Effective
from sestina.records.ingredient import ParamsRecord
from sestina.records.observation import FileKind, Observation
from sestina.records.paths import Roots
from sestina.records.settings import Settings
from sestina.records.testimony import EffectiveParam, EnvRead, Told
from sestina.records.testimony import Testimony as Said
from sestina.store.repo import Repo
from sestina.testing.ingredients import IngredientConformance, observe

PARAMS = ingredient("params")
SETTINGS = b"""import os
RATE = 0.5  # learning
MODEL = {
    "depth": 3,
    "seed": 1,
}
SEED = 17
PASSWORD = "hunter2"
HOME = os.getcwd()
"""
OPEN = SETTINGS.replace(b'PASSWORD = "hunter2"\n', b"")
DATABASE = b"DB = {'host': 'x', 'password': 'swordfish7'}\n"
CONFIG = b"# tuned in May\nmodel:\n  lr: 1e-3\n  layers: [64, 32]\nseed: 17\n"
DOTENV = b"# who\nexport RATE=0.5\nAPI_KEY='sk 1'\nSEED=4\nOPAQUE=aZ3kQ9xW7bN2mC5vR8tL\n"
KINDS: dict[str, FileKind] = {
    "settings.py": "code", "conf/model.yaml": "config", ".env": "dotenv", "odd.xml": "config",
}  # fmt: skip


def write(folder: Path, **texts: bytes) -> Observation:
    (folder / "conf").mkdir(exist_ok=True)
    given = {"settings.py": SETTINGS, "conf/model.yaml": CONFIG, ".env": DOTENV, "odd.xml": b"<a/>"}
    names = {
        "settings": "settings.py",
        "config": "conf/model.yaml",
        "dotenv": ".env",
        "odd": "odd.xml",
    }
    given |= {names[name]: text for name, text in texts.items()}
    for name, text in given.items():
        (folder / name).write_bytes(text)
    return observe(folder, KINDS)


class TestParams(IngredientConformance):
    ingredient = PARAMS

    def observation(self, folder: Path) -> Observation:
        return replace(
            write(folder, settings=OPEN),
            argv=("python", "train.py", "--lr", "0.1", "--seed", "3", "data \x1b.csv"),
            environ={"BATCH": "32", "HOME": "/x", "DATA": f"{folder}/data"},
            testimony=Said(
                env_reads=tuple(EnvRead(name=n, is_set=True, file="") for n in ("BATCH", "DATA")),
                params=(Told(name="alpha", value="1"), Told(name="alpha", value="2")),
            ),
        )

    def altered(self, folder: Path) -> Observation:
        seen = self.observation(folder)
        changed = CONFIG.replace(b"1e-3", b"0.01").replace(b"  layers: [64, 32]\n", b"")
        write(folder, config=changed, settings=OPEN.replace(b"3", b"4"), odd=b"<b/>")
        words = (*seen.argv[:2], "--lr", "0.2", "--seed", "3", "-v")
        return replace(seen, argv=words, environ={**seen.environ, "BATCH": "64"})


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """Returns what differs between two observations, as `kind name: before -> after`."""

    def compare(before: Observation, after: Observation, room: str = "params") -> list[str]:
        with Repo.open("memory:") as repo:
            one, two = (
                ingredient(room).gather(split(seen, Settings())[room], repo).record
                for seen in (before, after)
            )
            return [_line(change) for change in ingredient(room).diff(one, two, repo).changes]

    return compare


def _line(change: Change) -> str:
    name = change.place.name or change.place.path or ""
    if change.cosmetic:
        return f"cosmetic {change.place.kind} {name}"
    return f"{change.place.kind} {name}: {change.before} -> {change.after}"


def changed(folder: Path, **texts: bytes) -> tuple[Observation, Observation]:
    for name in ("a", "b"):
        (folder / name).mkdir(exist_ok=True)
    return write(folder / "a"), write(folder / "b", **texts)


def test_a_changed_key_is_named_with_both_values(tmp_path: Path, told: Any) -> None:
    seen = changed(
        tmp_path,
        config=CONFIG.replace(b"lr: 1e-3", b"lr: 0.002").replace(b"[64, 32]", b"[64]"),
        dotenv=DOTENV.replace(b"0.5", b"0.6"),
        settings=SETTINGS.replace(b'"depth": 3', b'"depth": 4').replace(
            b"RATE = 0.5", b"RATIO = 1"
        ),
    )
    assert told(*seen) == [
        "key RATE: 0.5 -> 0.6",
        "key model.layers: [64,32] -> [64]",
        "key model.lr: 0.001 -> 0.002",
        "key MODEL.depth: 3 -> 4",
        "key RATE: 0.5 -> None",
        "key RATIO: None -> 1",
    ]
    assert told(*seen, "seed") == []


def test_layout_comments_and_spelling_are_cosmetic_once_per_file(tmp_path: Path, told: Any) -> None:
    seen = changed(
        tmp_path,
        config=b"seed: 17\r\nmodel: {layers: [64,32], lr: 0.001}\r\n",
        settings=SETTINGS.replace(b"RATE = 0.5", b"RATE=.50"),
    )
    assert told(*seen) == [
        "cosmetic file project:conf/model.yaml",
        "cosmetic file project:settings.py",
    ]
    assert told(*seen, "seed") == []


def test_a_file_that_cannot_be_read_as_its_format_changes_as_a_whole(
    tmp_path: Path, told: Any
) -> None:
    assert [
        line.partition(": ")[0] for line in told(*changed(tmp_path, config=b"a: [", odd=b"<c/>"))
    ] == [
        "file project:conf/model.yaml",
        "file project:odd.xml",
    ]


def test_a_seed_in_a_file_is_the_seeds_and_nobody_elses(tmp_path: Path, told: Any) -> None:
    seen = changed(
        tmp_path,
        config=CONFIG.replace(b"17", b"18"),
        dotenv=DOTENV.replace(b"SEED=4", b"SEED=5"),
        settings=SETTINGS.replace(b'"seed": 1', b'"seed": 2').replace(b"17", b"19"),
    )
    assert told(*seen) == []
    assert told(*seen, "code") == []
    assert told(*seen, "seed") == [
        "key SEED: 4 -> 5",
        "key seed: 17 -> 18",
        "key MODEL.seed: 1 -> 2",
        "key SEED: 17 -> 19",
    ]


def test_secrets_of_settings_enter_no_blob(tmp_path: Path) -> None:
    token = (
        b"passwords:\n- swordfish1\n- swordfish2\nauth_token: |\n  swordfish3\n  swordfish4\n"
        b"credentials: {user: swordfish5}\napi_key: 'swordfish6'\n"
    )
    with Repo.open("memory:") as repo:
        seen = write(tmp_path, config=CONFIG + token, settings=SETTINGS + DATABASE)
        for room, part in split(seen, Settings()).items():
            ingredient(room).gather(part, repo)
        held = b"".join(repo.contents.read(blob) for blob in _all_blobs(repo))
        for secret in (b"sk 1", b"hunter2", b"swordfish", b"aZ3kQ9xW7bN2mC5vR8tL"):
            assert secret not in held
        assert b"RATE" in held


def test_a_file_allowed_by_name_keeps_its_values(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        part = split(write(tmp_path), Settings(allow=(".env",)))["params"]
        spans = repo.records.get(PARAMS.gather(part, repo).record, ParamsRecord).spans
        assert {s.name for s in spans if s.blob is None} == {"PASSWORD"}


def test_a_withheld_value_shows_that_it_changed_by_its_keyed_id(tmp_path: Path) -> None:
    environ = {"DB_PASSWORD": "x", "SECRET": "y", "RATE": "1"}
    reads = Said(env_reads=(EnvRead(name="DB_PASSWORD", is_set=True, file=""),))
    seen = replace(write(tmp_path), environ=environ, testimony=reads)
    before = {held.name: held.value for held in withheld(seen, Settings(), b"key")}
    (tmp_path / ".env").write_bytes(DOTENV.replace(b"sk 1", b"sk 2"))
    after = {held.name: held.value for held in withheld(seen, Settings(), b"key")}
    other = {held.name: held.value for held in withheld(seen, Settings(), b"another key")}
    assert sorted(before) == [
        "DB_PASSWORD",
        "project:.env API_KEY",
        "project:.env OPAQUE",
        "project:settings.py PASSWORD",
    ]
    assert {name for name in before if before[name] != after[name]} == {"project:.env API_KEY"}
    assert not set(after.values()) & set(other.values())


def test_restore_leaves_a_named_blank_for_what_is_withheld(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        parts = split(write(tmp_path), Settings())
        for room in ("code", "params", "seed"):
            ref = ingredient(room).gather(parts[room], repo)
            ingredient(room).restore(ref.record, repo, tmp_path / "out")
    assert (tmp_path / "out" / ".env").read_bytes() == (
        b'export RATE=0.5\nAPI_KEY="sestina:params:API_KEY"\nSEED=4\n'
        b'OPAQUE="sestina:params:OPAQUE"\n'
    )
    kept = SETTINGS.replace(b'PASSWORD = "hunter2"', b'"sestina:params:PASSWORD"')
    assert (tmp_path / "out" / "settings.py").read_bytes() == kept


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--lr 0.1 --seed 17", {"--lr": "0.1", "--seed": "17"}),
        ("--lr=0.1 --shift -1 -x", {"--lr": "0.1", "--shift": "-1", "-x": None}),
        ("a.csv -- --b", {"1": "a.csv", "--": None, "2": "--b"}),
        ("model.lr=1 +x=2 ~y=3 N=4", {"model.lr": "1", "+x": "2", "~y": "3", "N": "4"}),
        ("--set a.b=1 --tag=x=y", {"--set": None, "a.b": "1", "--tag": "x=y"}),
        ("-t 1 -t 2", {"-t": "1", "-t#2": "2"}),
    ],
)
def test_words_are_split_as_the_common_parsers_do(words: str, found: dict[str, str | None]) -> None:
    split_words = arguments(words.split())
    assert {one.name: one.value for one in split_words} == found
    assert [word for one in split_words for word in one.words] == words.split()


def test_a_seed_among_the_arguments_is_replaced_wherever_it_stands() -> None:
    words = "train.seed=1 --random-state 2 --np_seed=3 -s 4 --seed".split()
    assert " ".join(without_seeds(words)) == (
        "train.seed=<seed> --random-state <seed> --np_seed=<seed> -s 4 --seed"
    )


def test_the_order_and_spelling_of_options_are_cosmetic(tmp_path: Path, told: Any) -> None:
    def run(*words: str) -> Observation:
        return observe(tmp_path, {}, argv=("python", "t.py", *words))

    assert told(run("--a=1", "--b", "2"), run("--b=2", "--a", "1")) == ["cosmetic argument "]
    assert told(run("x", "y"), run("y", "x")) == ["argument 1: x -> y", "argument 2: y -> x"]
    assert told(run("--a", "1"), run("--a", "1", "-v")) == ["argument -v: None -> given"]
    assert told(run("--seed", "1"), run("--seed", "2")) == []


def test_every_variable_has_exactly_one_owner() -> None:
    owners = {
        name: (owner(name, is_read=False), owner(name, is_read=True))
        for name in (
            "PYTHONHASHSEED",
            "MY_SEED",
            "CUBLAS_WORKSPACE_CONFIG",
            "OMP_NUM_THREADS",
            "LC_ALL",
            "TZ",
            "PYTHONPATH",
            "CUDA_VISIBLE_DEVICES",
            "BATCH_SIZE",
            "HOME",
            "SESTINA_RUN",
            "WORLD_SIZE",
            "RANK",
            "PYTHONUNBUFFERED",
            "PATH",
            "SLURM_JOB_ID",
            "SLURM_NTASKS",
            "SEEDLING",
            "TF_XLA_FLAGS",
            "TF_CLI_CONFIG_FILE",
            "PYTHON_VERSION",
        )
    }
    assert owners == {
        "PYTHONHASHSEED": ("seed", "seed"), "MY_SEED": ("seed", "seed"),
        "CUBLAS_WORKSPACE_CONFIG": ("seed", "seed"), "OMP_NUM_THREADS": ("env", "env"),
        "LC_ALL": ("env", "env"), "TZ": ("env", "env"), "PYTHONPATH": ("env", "env"),
        "CUDA_VISIBLE_DEVICES": ("params", "params"), "BATCH_SIZE": ("fact", "params"),
        "HOME": ("fact", "fact"), "SESTINA_RUN": ("fact", "fact"), "WORLD_SIZE": ("fact", "params"),
        "RANK": ("fact", "fact"), "PYTHONUNBUFFERED": ("fact", "fact"), "PATH": ("fact", "fact"),
        "SLURM_JOB_ID": ("fact", "fact"), "SLURM_NTASKS": ("fact", "params"),
        "SEEDLING": ("fact", "params"), "TF_XLA_FLAGS": ("env", "env"),
        "TF_CLI_CONFIG_FILE": ("fact", "params"), "PYTHON_VERSION": ("fact", "fact"),
    }  # fmt: skip


def test_variables_are_dealt_out_with_paths_that_may_move_and_secrets_withheld(
    tmp_path: Path,
) -> None:
    environ = {
        "PYTHONPATH": f"{tmp_path}/lib:/opt/lib",
        "OUT": f"{tmp_path}/out",
        "API_TOKEN": "x",
        "CUDA_VISIBLE_DEVICES": "3,5",
        "SEED": "7",
        "WALLET_SEED": "zoo abandon ability able about x",
        "UNREAD": "1",
        "RAW": os.fsdecode(b"\xff"),
    }
    reads = tuple(
        EnvRead(name=n, is_set=True, file="") for n in ("OUT", "API_TOKEN", "RAW", "GONE")
    )
    seen = observe(tmp_path, {}, environ=environ, testimony=Said(env_reads=reads))
    with Repo.open("memory:") as repo:
        held = {
            room: {
                setting.name: setting.value
                for setting in repo.records.get_any(
                    ingredient(room).gather(seen, repo).record
                ).variables
            }
            for room in ("params", "env", "seed")
        }
    assert held == {
        "params": {
            "API_TOKEN": None,
            "CUDA_VISIBLE_DEVICES": "2 visible",
            "OUT": "project:out",
            "RAW": "\\xff",
        },
        "env": {"PYTHONPATH": "project:lib:/opt/lib"},
        "seed": {"PYTHONHASHSEED": None, "SEED": "7", "WALLET_SEED": None},
    }


def test_a_path_that_only_looks_like_the_projects_stays() -> None:
    assert logical("/p2/x", Roots(project=b"/p")) == "/p2/x"


def test_defaults_that_nobody_chose_are_marked_and_secrets_among_them_withheld() -> None:
    def one(name: str, value: str, given: bool) -> EffectiveParam:
        return EffectiveParam(by="argparse", name=name, value=value, given=given, option=None)

    told = (one("lr", "0.1", False), one("password", "x", True), one("lr", "0.1", False))
    found = effective(Said(effective=told))
    assert [(held.name, held.value, held.given) for held in found] == [
        ("lr", "0.1", False),
        ("password", "<withheld>", True),
    ]
    assert [held.name for held in silent_defaults(found)] == ["lr"]


def test_a_key_that_no_source_mentions_is_unreferenced(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_bytes(
        b"from settings import RATE\nc['model']['lr'], c['steps']\n"
    )
    (tmp_path / "settings.py").write_bytes(b"RATE = {'a': 1}\nRAT = 2\n")
    (tmp_path / "rows.py").write_bytes(b"def width(c):\n    return c['width']\n")
    (tmp_path / "c.yaml").write_bytes(
        b"model: {lr: 1, learning_rat: 2, depth: 3, width: 4}\nsteps: [{lr: 1}]\n"
    )
    sources: dict[str, FileKind] = dict.fromkeys(("train.py", "settings.py", "rows.py"), "code")
    parts = split(
        observe(tmp_path, {**sources, "c.yaml": "config"}), Settings(features=("rows.py",))
    )
    with Repo.open("memory:") as repo:
        held = {
            room: ingredient(room).gather(parts[room], repo).record
            for room in ("code", "features", "params")
        }
        found = unreferenced(
            held["params"], (held["code"], held["features"]), repo, known=["max.depth"]
        )
        items = marked(PARAMS.describe(held["params"], repo).items, found)
    assert found == (
        ("project:c.yaml", "model.learning_rat"),
        ("project:settings.py", "RAT"),
    )
    assert [item.name for item in items if "in no source" in (item.remark or "")] == [
        "model.learning_rat",
        "RAT",
    ]


def test_a_description_counts_the_knobs(tmp_path: Path) -> None:
    seen = replace(write(tmp_path), argv=("python", "t.py", "--lr", "1", "--seed", "2"))
    with Repo.open("memory:") as repo:
        record = PARAMS.gather(split(seen, Settings())["params"], repo).record
        told = PARAMS.describe(record, repo)
    assert told.summary == "2 arguments, 8 keys in 4 files"
    values = {item.name: item.value for item in told.items}
    assert values["model.lr"] == "0.001"
    assert values["API_KEY"] == values["PASSWORD"] == "<withheld>"
    assert values["--seed"] == "<seed>"


def _all_blobs(repo: Repo) -> list[str]:
    from sestina.store import trees

    record_ids = repo.records.drawer.starting_with("", 10_000)
    blobs: list[str] = []
    for record in map(repo.records.get_any, record_ids):
        blobs += [span.blob for span in getattr(record, "spans", ()) if span.blob]
        if hasattr(record, "files"):
            blobs += [leaf.id for leaf in trees.walk(repo, record.files)]
    assert blobs
    return blobs


def unmentioned(
    folder: Path, source: bytes, config: bytes, known: tuple[str, ...] = ()
) -> list[str]:
    (folder / "train.py").write_bytes(source)
    (folder / "c.yaml").write_bytes(config)
    parts = split(observe(folder, {"train.py": "code", "c.yaml": "config"}), Settings())
    with Repo.open("memory:") as repo:
        code = ingredient("code").gather(parts["code"], repo).record
        params = PARAMS.gather(parts["params"], repo).record
        return [name for _, name in unreferenced(params, (code,), repo, known)]


def test_a_mistyped_section_is_unreferenced_even_if_what_it_holds_is_mentioned(tmp_path) -> None:
    source = b"c['model']['depth'], c['lr']"
    assert unmentioned(tmp_path, source, b"modle: {depth: 3}\nlr: 1\n") == ["modle.depth"]


def test_what_a_config_builds_by_itself_is_not_looked_for_in_source(tmp_path) -> None:
    config = b"model: {_target_: torch.nn.Linear, bias: 1, init: {std: 2}}\n"
    assert unmentioned(tmp_path, b"instantiate(c.model)", config) == []
    assert unmentioned(tmp_path, b"print(c.model)", b"model: {bias: 1}\n") == ["model.bias"]


def test_that_a_config_was_composed_does_not_mean_that_its_keys_were_used() -> None:
    def one(by: str, name: str) -> Effective:
        return Effective(by=by, name=name, value="1", given=False)

    found = taken([one("hydra", "modle.depth"), one("argparse", "lr"), one("x.Ridge", "alpha")])
    assert set(found) == {"lr", "alpha", "defaults", "hydra"}
