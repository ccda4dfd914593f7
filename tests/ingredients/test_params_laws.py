"""Laws: bytes come back exact, and a changed key changes the record of one ingredient alone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sestina.ingredients.claims import split
from sestina.ingredients.shelf import ORDER, ingredient
from sestina.records.observation import FileKind, Observation
from sestina.records.settings import Settings
from sestina.store.repo import Repo
from sestina.testing.ingredients import observe

Tree = dict[str, dict[str, object]]
NAMES = st.sampled_from(["lr", "depth", "layers", "name", "note", "x y"])
VALUES = (
    st.integers(-99, 99)
    | st.floats(-9, 9).map(lambda value: round(value, 3))
    | st.booleans()
    | st.sampled_from(["gbm", "été", "a # b", "it's", "17", "null", ""])
    | st.lists(st.integers(0, 9), min_size=1, max_size=3)
)
TREES = st.dictionaries(
    st.sampled_from(["train", "model", "seeds"]),
    st.dictionaries(NAMES, VALUES, min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)
SEEDS = st.integers(0, 10**9)


def _yaml(tree: Tree) -> str:
    return "# é\n" + yaml.safe_dump(tree, sort_keys=False, allow_unicode=True) + "# end\n"


def _flow(tree: Tree) -> str:
    return yaml.safe_dump(tree, default_flow_style=True, sort_keys=False)


def _toml(tree: Tree) -> str:
    lines = ["# é"]
    for name, table in tree.items():
        lines.append(f"\n[{name}]")
        lines += [
            f"{json.dumps(key)} = {json.dumps(value)}  # {key}" for key, value in table.items()
        ]
    return "\r\n".join(lines)


def _ini(tree: Tree) -> str:
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in tree.items()
    )


def _python(tree: Tree) -> str:
    return "\n\n".join(f"{name.upper()} = {table!r}  # {name}" for name, table in tree.items())


FORMATS: dict[str, tuple[str, FileKind, Callable[[Tree], str]]] = {
    "yaml": ("c.yaml", "config", _yaml),
    "flow": ("c.yml", "config", _flow),
    "json": ("c.json", "config", lambda tree: json.dumps(tree, indent=2, ensure_ascii=False)),
    "toml": ("c.toml", "config", _toml),
    "ini": ("c.ini", "config", _ini),
    "python": ("settings.py", "code", _python),
}


def records(text: str, form: str, repo: Repo, folder: Path) -> dict[str, str]:
    parts = split(_seen(text, form, folder), Settings())
    return {room.name: room.gather(parts[room.name], repo).record for room in ORDER}


def _seen(text: str, form: str, folder: Path) -> Observation:
    name, kind, _ = FORMATS[form]
    (folder / name).write_bytes(text.encode())
    return observe(folder, {name: kind})


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=12, deadline=None)
@given(tree=TREES, seed=SEEDS, other=SEEDS)
def test_a_changed_seed_changes_the_record_of_seed_alone(
    form: str, tree: Tree, seed: int, other: int
) -> None:
    write = FORMATS[form][2]
    with tempfile.TemporaryDirectory() as folder, Repo.open("memory:") as repo:
        a = records(write({**tree, "fit": {"lr": 1, "seed": seed}}), form, repo, Path(folder))
        b = records(write({**tree, "fit": {"lr": 1, "seed": other}}), form, repo, Path(folder))
        assert [name for name in a if a[name] != b[name]] == ([] if seed == other else ["seed"])
        changes = ingredient("seed").diff(a["seed"], b["seed"], repo).changes  # type: ignore[arg-type]
        told = [(one.before, one.after, one.cosmetic) for one in changes]
        assert told == ([] if seed == other else [(str(seed), str(other), False)])


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=12, deadline=None)
@given(tree=TREES, value=VALUES, other=VALUES, seed=SEEDS)
def test_a_changed_knob_changes_the_record_of_params_alone(
    form: str, tree: Tree, value: object, other: object, seed: int
) -> None:
    write = FORMATS[form][2]
    with tempfile.TemporaryDirectory() as folder, Repo.open("memory:") as repo:
        one = write({**tree, "fit": {"knob": value, "seed": seed}})
        two = write({**tree, "fit": {"knob": other, "seed": seed}})
        a, b = (records(text, form, repo, Path(folder)) for text in (one, two))
        assert [name for name in a if a[name] != b[name]] == ([] if one == two else ["params"])
        changes = ingredient("params").diff(a["params"], b["params"], repo).changes  # type: ignore[arg-type]
        assert len(changes) == (one != two)
        for change in changes:
            assert change.cosmetic or (change.place.name or "").lower() == "fit.knob"


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=12, deadline=None)
@given(tree=TREES, seed=SEEDS)
def test_all_bytes_come_back(form: str, tree: Tree, seed: int) -> None:
    text = FORMATS[form][2]({**tree, "fit": {"seed": seed, "lr": 0.1, "random_state": [1, 2]}})
    with tempfile.TemporaryDirectory() as folder, Repo.open("memory:") as repo:
        held = records(text, form, repo, Path(folder))
        for room in ORDER:
            room.restore(held[room.name], repo, Path(folder) / "out")  # type: ignore[arg-type]
        assert (Path(folder) / "out" / FORMATS[form][0]).read_bytes() == text.encode()


@pytest.mark.parametrize("form", ["yaml", "json", "toml", "ini"])
@settings(max_examples=12, deadline=None)
@given(tree=TREES, seed=SEEDS)
def test_a_file_written_in_another_style_is_a_cosmetic_change(
    form: str, tree: Tree, seed: int
) -> None:
    tree = {**tree, "fit": {"seed": seed, "random_state": [1, 2], "lr": 0.001}}
    backwards = {name: dict(reversed(table.items())) for name, table in reversed(tree.items())}
    texts = {
        "yaml": (_yaml(tree), _flow(backwards).replace("0.001", "1.0e-3")),
        "json": (json.dumps(tree), json.dumps(backwards, indent=1).replace("0.001", "1E-3")),
        "toml": (_toml(tree), _toml(backwards).replace("\r\n", "\n").replace("0.001", "1e-3")),
        "ini": (_ini(tree), "; odd\n" + _ini(backwards)),
    }[form]
    with tempfile.TemporaryDirectory() as folder, Repo.open("memory:") as repo:
        a, b = (records(text, form, repo, Path(folder)) for text in texts)
        for room in ("params", "seed"):
            changes = ingredient(room).diff(a[room], b[room], repo).changes  # type: ignore[arg-type]
            assert all(change.cosmetic for change in changes)
        assert len(ingredient("params").diff(a["params"], b["params"], repo).changes) == 1  # type: ignore[arg-type]
