"""Ids, canonical JSON, escaped names and times: the laws that every id stands on."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.errors import InvalidInput
from sestina.kernel import canon, escape, ids, when

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-canon.MAX_INT, canon.MAX_INT) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ASCII, inner, max_size=4),
    max_leaves=12,
)
TIMES = st.integers(0, 4_000_000_000_000_000_000).map(when.from_ns)


@given(VALUES)
def test_canonical_json_is_what_the_standard_library_writes_sorted_and_tight(value: object) -> None:
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    encoded = canon.encode(value)
    assert json.loads(encoded) == value
    if "\x7f" not in plain:
        assert encoded == plain.encode()


@given(VALUES)
def test_decoding_and_encoding_again_gives_the_same_bytes(value: object) -> None:
    encoded = canon.encode(value)
    assert canon.encode(canon.decode(encoded)) == encoded


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1}\n', b"1.0", b"9007199254740992", b'"\\u0041"', b"{",
     b'{"a":1,"a":1}', b"-0", b"NaN", b"\xff"],
)  # fmt: skip
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|floats|integers"):
        canon.decode(data)


@pytest.mark.parametrize("value", [1.5, [1.0], {"a": {"b": float("nan")}}, 2**53, -(2**53)])
def test_numbers_with_two_spellings_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="keep the number's text"):
        canon.encode(value)


@given(st.binary(max_size=40))
def test_every_name_has_one_text_and_the_text_gives_the_name_back(raw: bytes) -> None:
    text = escape.to_text(raw)
    assert escape.to_bytes(text) == raw
    assert text.isprintable() or any(ord(c) > 127 for c in text)
    assert "\n" not in text
    assert "\x1b" not in text


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_different_names_have_different_texts(one: bytes, other: bytes) -> None:
    assert (escape.to_text(one) == escape.to_text(other)) == (one == other)


@pytest.mark.parametrize("text", ["\\", "\\x41", "\\xFF", "\\xff\\", "a\nb", "\\x0"])
def test_a_text_that_stands_for_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a canonical name"):
        escape.to_bytes(text)


@given(st.binary())
def test_an_id_is_the_sha256_that_sha256sum_prints(data: bytes) -> None:
    assert ids.blob_id(data) == ids.record_id(data) == hashlib.sha256(data).hexdigest()
    assert ids.is_id(ids.blob_id(data))
    assert not ids.is_id(ids.blob_id(data).upper() + "0")


@given(TIMES, TIMES)
def test_the_order_of_texts_is_the_order_of_times(one: str, other: str) -> None:
    assert (one < other) == (when.seconds_between(one, other) > 0)


@given(TIMES, TIMES)
def test_time_never_stands_still_even_when_the_clock_does(earlier: str, clock: str) -> None:
    after = when.after(earlier, clock)
    assert after > earlier
    assert after == clock or when.seconds_between(earlier, after) == pytest.approx(1e-6)


@given(TIMES)
def test_a_time_that_is_canonical_is_parsed_to_itself(time: str) -> None:
    assert when.parse(time) == time


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "5 fortnights"])
def test_what_is_not_a_time_is_told(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a time"):
        when.parse(text)
