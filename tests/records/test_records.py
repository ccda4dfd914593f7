"""Records: their bytes name them, and nothing but their bytes makes them valid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sestina.errors import Corrupt, InvalidInput, Unsupported
from sestina.kernel import canon
from sestina.records import codec, names, paths
from sestina.records.verdict import Finding, verdict
from sestina.records.version import Note
from sestina.testing import strategies

NOTE = Note(about="0" * 64, text="kept for the paper")


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.records())
def test_a_record_comes_back_from_its_bytes(record: Any) -> None:
    data = codec.encode(record)
    assert codec.decode(data, type(record)) == record == codec.decode_any(data)
    assert codec.identify(record) == codec.identify(codec.decode_any(data))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.records(), st.data())
def test_any_changed_byte_is_refused_or_gives_another_record(record: Any, data: Any) -> None:
    encoded = bytearray(codec.encode(record))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        changed = codec.decode_any(bytes(encoded))
    except (Corrupt, Unsupported):
        return
    assert codec.identify(changed) != codec.identify(record)


def test_a_member_that_the_kind_does_not_have_is_refused() -> None:
    value = canon.decode(codec.encode(NOTE)) | {"mood": "good"}
    with pytest.raises(Corrupt, match="members that its kind does not have"):
        codec.decode(canon.encode(value), Note)


def test_a_member_that_is_left_out_is_refused() -> None:
    value = canon.decode(codec.encode(NOTE))
    del value["text"]
    with pytest.raises(Corrupt, match="cannot be read"):
        codec.decode(canon.encode(value), Note)


def test_a_later_version_of_a_kind_is_told_from_damage() -> None:
    value = canon.decode(codec.encode(NOTE)) | {"v": 2}
    with pytest.raises(Unsupported, match="version 2"):
        codec.decode(canon.encode(value), Note)


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b'{"kind":"nonsense","v":1}', b'{"v":1}'])
def test_what_is_no_record_is_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        codec.decode_any(data)


@pytest.mark.parametrize(
    ("text", "kind", "word", "number"),
    [
        ("fraud:7", "version", "fraud", 7),
        ("run/4f2a91c0", "run", "4f2a91c0", None),
        ("run/nightly", "run", "nightly", None),
        ("recipe/9f2c1a7e", "recipe", "9f2c1a7e", None),
        ("tag/paper", "tag", "paper", None),
        ("fraud", "word", "fraud", None),
        ("4f2a91c0", "word", "4f2a91c0", None),
    ],
)
def test_a_name_is_taken_apart(text: str, kind: str, word: str, number: int | None) -> None:
    name = names.parse(text)
    assert (name.kind, name.word, name.number) == (kind, word, number)


@pytest.mark.parametrize(
    "text",
    ["", "Fraud", "fraud:", "fraud:0", "fraud:07", "fraud:-1", ":1", "a b", "tag/", "tag/A", "x/y",
     "run/../etc", "recipe/zz", "fraud:1:2", "-x", "g" * 64, "line\nbreak", "fraud\x1b[2J"],
)  # fmt: skip
def test_what_is_no_name_is_told_on_one_line(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        names.parse(text)
    assert "\n" not in caught.value.what
    assert "\x1b" not in caught.value.what


@pytest.mark.parametrize(
    "text", ["fraud@prod", "fraud@prod~1", "data/transactions:3", "feature/s:2"]
)
def test_names_of_what_is_to_come_are_unsupported_not_unknown(text: str) -> None:
    with pytest.raises(Unsupported):
        names.parse(text)


@pytest.mark.parametrize("word", [*sorted(names.RESERVED), "", "A", "a" * 64, "1a", "ä", "a/b"])
def test_reserved_and_misspelt_words_name_no_model(word: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a model"):
        names.checked(word, "model")


@given(strategies.words(), st.integers(1, 999_999_999))
def test_every_canonical_name_is_parsed_to_its_parts(word: str, number: int) -> None:
    assert names.checked(word, "model") == word
    name = names.parse(f"{word}:{number}")
    assert (name.kind, name.word, name.number) == ("version", word, number)


def test_the_longest_root_names_a_path_and_gives_it_back() -> None:
    roots = paths.Roots(project=b"/h/p", prefix=b"/h/p/.venv", home=b"/h")
    for path, logical in [
        (b"/h/p/a", "project:a"),
        (b"/h/p/.venv/lib/x.py", "prefix:lib/x.py"),
        (b"/h/.cache/y", "home:.cache/y"),
        (b"/h/pq", "home:pq"),
        (b"/etc/passwd", "abs:etc/passwd"),
        (b"/h/p", "project:"),
    ]:
        assert roots.logical(path) == logical
        assert roots.absolute(logical) == path


@given(st.lists(strategies.file_names(), min_size=1, max_size=4))
def test_every_path_has_one_logical_text(parts: list[bytes]) -> None:
    roots = paths.Roots(project=b"/h/p", prefix=b"/h/p/.venv", home=b"/h")
    for top in (b"/h/p", b"/h/p/.venv", b"/h", b""):
        path = b"/".join([top, *parts])
        assert roots.absolute(roots.logical(path)) == path


def test_a_verdict_is_as_bad_as_its_worst_finding() -> None:
    fine = Finding(outcome="pass", code="a/a", what="", place="")
    warned = Finding(outcome="warn", code="b/b", what="", place="")
    failed = Finding(outcome="fail", code="c/c", what="", place="")
    assert verdict([]).outcome == "pass"
    assert verdict([fine]).outcome == "pass"
    assert verdict([fine, warned]).outcome == "warn"
    assert verdict([fine, failed, warned]).findings == (failed, warned, fine)
    assert [verdict([f]).exit_code for f in (fine, warned, failed)] == [0, 0, 1]
