"""Keys of config files: what they mean is compared, how they are written is not."""

from __future__ import annotations

import configparser
import json
import time
import tomllib

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sestina.errors import InvalidInput
from sestina.ingredients.params.keys import format_of, keys, leaves

WORDS = st.sampled_from(["lr", "seed", "depth", "model", "a b", "größe", "x.y", "", "n-1", "null"])
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x7f\x85\ufeff"), max_size=8)
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
TABLES = st.dictionaries(WORDS, TREES, max_size=4)


def test_a_number_is_the_same_however_it_is_written() -> None:
    for form, texts in {
        "yaml": (b"lr: 1e-3\n", b"lr: 0.001 # small\r\n", b"{lr: .001}", b"lr: 1.0E-3"),
        "json": (b'{"lr": 1e-3}', b'{\n "lr":0.0010}\n'),
        "toml": (b"lr = 1e-3", b"# small\nlr=0.001\r\n", b'"lr" = 0.001_0'),
        "python": (b"lr = 1e-3\n", b"lr: float = .001  # small"),
    }.items():
        assert {json.dumps(keys(text, form)) for text in texts} == {'{"lr": "0.001"}'}  # type: ignore[arg-type]


def test_a_text_is_not_a_number_and_a_whole_number_is_no_fraction() -> None:
    assert keys(b"a: '17'\nb: 17\nc: 17.0\nd: yes\ne: true\nf: 'true'", "yaml") == {
        "a": '"17"', "b": "17", "c": "17.0", "d": "yes", "e": "true", "f": '"true"',
    }  # fmt: skip


def test_anchors_and_merges_stand_for_what_they_name() -> None:
    text = b"base: &b {lr: 0.1, depth: 3}\nbig:\n  <<: *b\n  depth: 9\nsame: *b\n---\nlr: 2\n"
    assert keys(text, "yaml") == {
        "base.lr": "0.1", "base.depth": "3", "big.lr": "0.1", "big.depth": "9",
        "same.lr": "0.1", "same.depth": "3", "[2].lr": "2",
    }  # fmt: skip


def test_lists_of_scalars_are_one_value_and_lists_of_tables_are_taken_apart() -> None:
    text = b'{"betas": [0.90, 1], "steps": [{"name": "scale"}, {"name": "fit", "seed": 3}]}'
    assert keys(text, "json") == {
        "betas": "[0.9,1]", "steps.0.name": '"scale"', "steps.1.name": '"fit"', "steps.1.seed": "3",
    }  # fmt: skip


def test_a_dotted_key_can_be_told_from_nested_ones() -> None:
    assert keys(b'{"a.b": 1, "a": {"b": 2}}', "json") == {'"a.b"': "1", "a.b": "2"}


def test_a_file_that_is_one_value_has_one_nameless_key() -> None:
    assert keys(b"17", "json") == keys(b"- 17"[2:], "yaml") == {".": "17"}
    assert keys(b"", "toml") == keys(b"{}", "json") == keys(b"# none", "yaml") == {}


def test_dotenv_knows_export_quotes_comments_and_values_of_several_lines() -> None:
    text = (
        b"# settings\nexport LR=0.1 # rate\nNAME='it is # no comment'\nTWO=\"a\nb\\t\"\n"
        b"URL=http://x/#y\nEMPTY=\nBARE\n=broken\nLAST = x  \r\n"
    )
    assert keys(text, "dotenv") == {
        "LR": "0.1", "NAME": "it is # no comment", "TWO": '"a\\nb\\t"', "URL": "http://x/#y",
        "EMPTY": "", "BARE": "null", "LAST": "x",
    }  # fmt: skip


def test_settings_modules_give_their_literals_and_nothing_that_runs() -> None:
    text = (
        b"import os\nLR = -0.1\nPATH = os.environ['X']\n"
        b"MODEL: dict = {'depth': 3, 'layers': [1, 2]}\n"
        b"BOTH = (1, 'a')\n__all__ = ['LR']\nif LR:\n    DEEP = 1\nNAME = 'a' 'b'; N = None\n"
    )
    assert keys(text, "python") == {
        "LR": "-0.1", "MODEL.depth": "3", "MODEL.layers": "[1,2]", "BOTH": '(1,"a")',
        "NAME": '"ab"', "N": "null",
    }  # fmt: skip


def test_spans_stand_where_the_values_are_behind_a_byte_order_mark_and_wide_letters() -> None:
    for form, text in {
        "yaml": "\ufeff# größe 🐍\ngröße: &x 17\nb: {c: 17, d: [17]}\n",
        "json": '\ufeff{"größe 🐍": 17, "b": [{"c": 17}]}',
        "toml": 'größe = "ü"\n'.replace("größe", '"größe 🐍"') + "a = 17\n[b.c]\nd = {e = 17}\n",
        "python": "\ufeff# größe 🐍\r\nx = 'ü'; a = 17\rb = {'c': 17}\n",
        "ini": "\ufeff[größe]\na = 17\nb : 17\n",
        "dotenv": "# größe\nA=17 # ü\nexport B=17\n",
    }.items():
        data = text.encode()
        spans = {leaf.span for leaf in leaves(data, form) if leaf.text == "17"}  # type: ignore[arg-type]
        assert len(spans) == 2, form
        assert {data[a:b] for a, b in spans} == {b"17"}, form


@given(TREES)
def test_json_keys_are_those_of_the_standard_parser(value: object) -> None:
    plain = json.dumps(value)
    pretty = json.dumps(value, indent=3, ensure_ascii=False, sort_keys=True)
    assert keys(plain.encode(), "json") == keys(pretty.encode(), "json")
    assert len(leaves(plain.encode(), "json")) == (0 if value == {} else len(_flat(value)))


@given(TREES)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_yaml_in_any_style_has_the_same_keys(value: object) -> None:
    block = yaml.safe_dump(value, default_flow_style=False, sort_keys=False, allow_unicode=True)
    flow = yaml.safe_dump(value, default_flow_style=True, sort_keys=True, width=20)
    assert keys(block.encode(), "yaml") == keys(flow.encode(), "yaml")


@given(TABLES)
def test_toml_keys_are_those_of_the_standard_parser(value: dict[str, object]) -> None:
    text = _toml(value)
    wanted = keys(json.dumps(tomllib.loads(text)).encode(), "json")
    assert keys(text.encode(), "toml") == wanted


@given(st.dictionaries(st.sampled_from("abc"), st.text("x =;#\n", max_size=6), max_size=3))
def test_ini_values_are_those_of_the_standard_parser(values: dict[str, str]) -> None:
    parser = configparser.RawConfigParser()
    text = "[s]\n" + "".join(
        f"{key} = {value.replace(chr(10), chr(10) + ' ')}\n" for key, value in values.items()
    )
    parser.read_string(text)
    read = {
        leaf.parts[1]: leaf.text for leaf in leaves(text.encode(), "ini") if "\n" not in leaf.text
    }
    for key, value in parser["s"].items():
        if "\n" not in value and not value.startswith(("#", ";")):
            assert read[key].strip('"') == value or "\\n" in read[key]


@given(st.sampled_from(["yaml", "json", "toml", "ini", "dotenv", "python"]), st.binary(max_size=60))
@example("toml", b"a=1\na=2")
@example("yaml", b"a: *a")
@example("yaml", b"&a [*a]")
@example("json", b'{"a":')
@example("python", b"# coding: latin-1\nX = 1")
def test_any_bytes_are_read_or_refused_by_name(form: str, text: bytes) -> None:
    try:
        found = leaves(text, form)  # type: ignore[arg-type]
    except InvalidInput:
        return
    for leaf in found:
        assert leaf.span is None or 0 <= leaf.span[0] < leaf.span[1] <= len(text)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "yaml",
            b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            + b"".join(
                b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9))
                for n in range(1, 30)
            ),
        ),
        (
            "yaml",
            b"a0: &a0 {x: 1}\n"
            + b"".join(
                b"a%d: &a%d {p: *a%d, q: *a%d}\n" % (n, n, n - 1, n - 1) for n in range(1, 60)
            ),
        ),
        ("yaml", b"[" * 100_000),
        ("json", b"[" * 100_000),
        ("json", b'"' + b"a" * 1_000_000),
        ("toml", b"a = " + b"[" * 100_000),
        ("python", b"a = " + b"(" * 100_000),
        ("python", b"a = " + b"-" * 100_000 + b"1"),
        ("yaml", b"x" * (5 << 20)),
    ],
)
def test_bombs_are_refused_quickly(form: str, text: bytes) -> None:
    began = time.process_time()
    with pytest.raises(InvalidInput):
        keys(text, form)  # type: ignore[arg-type]
    assert time.process_time() - began < 3


def test_a_format_is_known_by_the_name_of_the_file() -> None:
    named = {
        name: format_of(f"project:conf/{name}")
        for name in (
            "a.YAML",
            "b.json",
            "c.toml",
            "d.cfg",
            ".env",
            ".env.prod",
            "prod.env",
            "settings.py",
            "x",
            "y.xml",
        )
    }
    assert named == {
        "a.YAML": "yaml",
        "b.json": "json",
        "c.toml": "toml",
        "d.cfg": "ini",
        ".env": "dotenv",
        ".env.prod": "dotenv",
        "prod.env": "dotenv",
        "settings.py": "python",
        "x": None,
        "y.xml": None,
    }


def _flat(value: object) -> list[object]:
    if isinstance(value, dict) and value:
        return [leaf for member in value.values() for leaf in _flat(member)]
    if isinstance(value, list) and not _plain(value):
        return [leaf for member in value for leaf in _flat(member)]
    return [value]


def _plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_plain, value))
    return not (isinstance(value, dict) and value)


def _toml(value: object, top: bool = True) -> str:
    """Returns a tree as TOML, nulls as text: tables inline, so that every shape has a spelling."""
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)} = {_toml(member, False)}" for key, member in value.items()]
        return "\n".join(pairs) if top else "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",\n ".join(_toml(member, False) for member in value) + "]"
    if value is None:
        return "'none'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value).replace("\\ud83d\\udc0d", "x") if value.isascii() else '"""\nü"""'
    return repr(value)
