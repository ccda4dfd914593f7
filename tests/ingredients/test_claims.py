"""The partition law: every observed byte belongs to exactly one ingredient."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.ingredients.claims import OWNERS, split
from sestina.ingredients.cuts import Cut, carve, fill
from sestina.records.ingredient import NAMES
from sestina.records.observation import INPUTS, FileKind, Observation
from sestina.records.settings import Dataset, Settings
from sestina.testing.ingredients import observe

FEATURES = Settings(features=("features.py", "src/*.py:spend*"))
TRAIN = b'''"""Train."""
import sestina

SEED = 17


@sestina.features
def spend(rows):
    seed = 3  # a literal of a feature is the feature's
    return sum(rows)


class Trips:
    \tdef count(self): return len(self)
'''
SNIPPETS = {
    "train.py": [
        TRAIN,
        b"x = 1\n",
        b"def f(:\n",
        b"",
        b"\xff\xfe",
        b"@features\ndef f(): 'sestina'",
    ],
    "features.py": [
        TRAIN,
        TRAIN.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbfdef f(): pass  # \xc3\xa9\n",
    ],
    "settings.py": [
        b"SEED = 17\nRATE: float = 0.5\nMODEL = {'seed': 1, 'depth': [3, 4]}\n",
        b"A = B = 'sestina:params:A'\nSEED=1;SEED=2\n",
        b"def build():\n    return {'seed': 3}\n",
    ],
    "config.yaml": [
        b"seed: 17\nmodel:\n  depth: 3 # deep\n  random_state: 4\n",
        b'{"seed": 1, "note": "\\"sestina:seed:seed\\""}',
        b"a: &x [1]\nb: *x\nseed: ''\n",
        b"\x00\x01",
    ],
    "config.json": [b'{"seed": 1, "model": {"train_seed": [1, 2]}, "seed": 3}', b"[1, 2", b"{}"],
    "config.toml": [b'seed = 1\n[model]\ndepth = 3\npassword = "hunter2hunter2"\n', b"=="],
    ".env": [b"# comment\nSEED=4\nexport RATE='0.5'\n", b"SEED = 4 # four\r\nX=\n", b"\xff=1"],
    "data.csv": [b"a,b\n1,2\n", b"seed\n1\n"],
}
KINDS: dict[str, FileKind] = {
    "train.py": "code", "features.py": "code", "settings.py": "code", "config.yaml": "config",
    "config.json": "config", "config.toml": "config", ".env": "dotenv", "data.csv": "data",
}  # fmt: skip
TEXTS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(texts) | st.binary(max_size=40)
                  for name, texts in SNIPPETS.items()},
)  # fmt: skip
SETTINGS = st.sampled_from(
    [
        Settings(),
        FEATURES,
        Settings(features=("*.py",), params=("train.py",)),
        Settings(params=("*.py",), features=("settings.py:b*",)),
    ]
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def seen(folder: Path, texts: dict[str, bytes]) -> Observation:
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    return observe(folder, {name: KINDS[name] for name in texts})


@given(texts=TEXTS, settings=SETTINGS)
def test_files_and_claims_are_disjoint_and_together_are_all(
    texts: dict[str, bytes], settings: Settings
) -> None:
    with tempfile.TemporaryDirectory() as made:
        parts = split(seen(Path(made), texts), settings)
    assert tuple(parts) == NAMES
    owned = [file.path for name in NAMES for file in parts[name].files]
    assert sorted(owned) == sorted(f"project:{name}" for name in texts)
    for name in NAMES:
        assert all(OWNERS[file.kind] == name for file in parts[name].files)
        assert all(claim.owner == name for claim in parts[name].claims)
    spans = [(claim.file, claim.owner, claim.name) for p in parts.values() for claim in p.claims]
    assert len(set(spans)) == len(spans)
    marks = [(claim.file, claim.placeholder) for p in parts.values() for claim in p.claims]
    assert len(set(marks)) == len(marks)


@given(texts=TEXTS, settings=SETTINGS)
def test_residue_and_claims_give_the_original_bytes(
    texts: dict[str, bytes], settings: Settings
) -> None:
    with tempfile.TemporaryDirectory() as made:
        parts = split(seen(Path(made), texts), settings)
    for part in parts.values():
        for file in part.files:
            if file.residue is None or file.kind == "dotenv":
                continue
            text = file.residue
            for owner in NAMES:
                for claim in parts[owner].claims:
                    if claim.file == file.path and claim.data is not None:
                        text = fill(text, claim.placeholder, claim.data)
            withheld = any(
                claim.file == file.path and claim.data is None
                for owner in NAMES
                for claim in parts[owner].claims
            )
            original = texts[os.path.basename(file.path.partition(":")[2])]
            assert withheld or text == original


CUTS = st.lists(
    st.builds(
        lambda start, length, name, owner: (start, start + length, name, owner),
        st.integers(0, 30),
        st.integers(0, 12),
        st.sampled_from(["a", "a#2", "b", 'é\n"', "sestina:seed:a"]),
        st.sampled_from(["features", "params", "seed"]),
    ),
    max_size=8,
)


@given(st.text(alphabet='ab"\n:sestina2é', max_size=40).map(str.encode), CUTS)
def test_any_cuts_can_be_filled_in_again(
    text: bytes, spans: list[tuple[int, int, str, str]]
) -> None:
    cuts = [Cut(start, end, name, owner, text[start:end]) for start, end, name, owner in spans]
    residue, claims = carve("project:x", text, cuts)
    assert len({claim.placeholder for claim in claims}) == len(claims)
    assert len({(claim.owner, claim.name) for claim in claims}) == len(claims)
    for owner in ("features", "params", "seed"):
        for claim in reversed([claim for claim in claims if claim.owner == owner]):
            assert claim.data is not None
            residue = fill(residue, claim.placeholder, claim.data)
    assert residue == text


def test_a_seed_inside_a_setting_is_the_seeds_and_leaves_the_setting() -> None:
    text = b"MODEL = {'seed': 1, 'depth': 3}"
    outer = Cut(8, 31, "MODEL", "params", text[8:31])
    residue, claims = carve("f", text, [Cut(17, 18, "MODEL.seed", "seed", b"1"), outer])
    assert residue == b'MODEL = "sestina:params:MODEL"'
    assert [(claim.owner, claim.data) for claim in claims] == [
        ("params", b"""{'seed': "sestina:seed:MODEL.seed", 'depth': 3}"""),
        ("seed", b"1"),
    ]


def test_what_stands_in_a_feature_stays_in_the_feature(folder: Path) -> None:
    parts = split(seen(folder, {"train.py": TRAIN}), Settings(params=("train.py",)))
    (feature,) = parts["features"].claims
    assert feature.data is not None
    assert b"seed = 3" in feature.data
    assert [claim.name for claim in parts["seed"].claims] == ["SEED"]
    assert parts["code"].files[0].residue is not None
    assert b"17" not in parts["code"].files[0].residue


def test_a_span_that_anybody_withholds_is_withheld() -> None:
    _, claims = carve(
        "f", b"SEED=hush", [Cut(5, 9, "SEED", "params", None), Cut(5, 9, "SEED", "seed", b"hush")]
    )
    assert [(claim.owner, claim.data) for claim in claims] == [("seed", None)]


def test_a_marker_in_the_file_is_never_mistaken_for_a_placeholder(folder: Path) -> None:
    text = b'sestina:\ndef f():\n    return "sestina:features:f"\n'.replace(
        b"sestina:\n", b"a = 1\n"
    )
    parts = split(seen(folder, {"features.py": text}), FEATURES)
    assert [claim.placeholder for claim in parts["features"].claims] == ['"sestina2:features:f"']


def test_comments_of_a_dotenv_file_are_not_kept(folder: Path) -> None:
    parts = split(
        seen(folder, {".env": b"# password is swordfish\nRATE=0.5 # swordfish\n"}), FEATURES
    )
    (file,) = parts["params"].files
    assert file.residue is not None
    assert b"swordfish" not in file.residue
    assert file.residue.startswith(b"RATE=")


def test_a_file_too_big_for_settings_belongs_to_its_owner_whole(folder: Path) -> None:
    text = b"seed: 1\n" + b"#" * (1 << 20)
    parts = split(seen(folder, {"config.yaml": text}), Settings())
    assert parts["params"].files[0].residue is None
    assert parts["seed"].claims == ()


def test_a_fifo_in_the_place_of_a_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "train.py")
    parts = split(observe(folder, {"train.py": "code"}), FEATURES)
    assert parts["code"].files[0].residue is None


def test_names_of_datasets_reach_data_alone(folder: Path) -> None:
    settings = Settings(datasets=(Dataset(name="trips", patterns=("data/", "!data/old")),))
    parts = split(seen(folder, {}), settings)
    assert [(it.name, it.value) for it in parts["data"].datasets] == [
        ("trips", "data/"),
        ("trips", "!data/old"),
    ]
    assert all(parts[name].datasets == () for name in NAMES if name != "data")


def test_outputs_and_secrets_belong_to_nobody(folder: Path) -> None:
    assert set(OWNERS) == set(INPUTS)
    parts = split(observe(folder, {"model.bin": "output", "key.pem": "secret"}), Settings())
    assert all(not part.files for part in parts.values())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", b'{"seed": ' * 50_000),
        ("config.yaml", b"seed: " + b"[" * 5_000),
        ("config.yaml", b"".join(b" " * n + b"seed:\n" for n in range(600))),
        ("config.toml", b"seed = " + b"[" * 50_000),
        ("settings.py", b"SEED = " + b"[" * 150 + b"]" * 150),
        ("settings.py", b"SEED = 1" + b" + 1" * 50_000),
        ("settings.py", b"SEED = {'seed': " * 90),
        ("train.py", b"import sestina  # features\nx = " + b"-" * 90_000 + b"1\n"),
    ],
)
def test_a_file_nested_without_end_does_not_stop_the_seal(
    folder: Path, name: str, text: bytes
) -> None:
    parts = split(seen(folder, {name: text}), FEATURES)
    assert [file.path for part in parts.values() for file in part.files] == [f"project:{name}"]
