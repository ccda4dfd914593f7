"""Canonical JSON: one encoding for one value, so that a record's bytes can name it.

Object members are sorted by the code points of their names, there is no white space, text is
UTF-8 without escapes beyond those JSON requires, integers stay within ±(2**53 - 1), and there are
no floats. This is RFC 8785 (JSON Canonicalization Scheme) for the values that records may hold.
"""

from __future__ import annotations

import functools
from typing import Any

import msgspec

MAX_INT = 2**53 - 1


@functools.cache
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> bytes:
    """Returns the canonical encoding of a JSON value or dataclass; raises ValueError on a float.

    >>> encode({"b": 1, "a": [None, True]})
    b'{"a":[null,true],"b":1}'
    """
    plain = msgspec.to_builtins(value)
    _refuse_what_has_two_spellings(plain)
    return _encoder().encode(plain)


def decode(data: bytes) -> Any:
    """Returns the JSON value in `data`; raises ValueError unless that is its canonical encoding."""
    try:
        value = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if encode(value) != data:
        raise ValueError("not canonical JSON: re-encoding gives other bytes")
    return value


def _refuse_what_has_two_spellings(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("a record holds no floats: keep the number's text")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INT:
        raise ValueError(f"a record holds no integers beyond ±{MAX_INT}: keep the number's text")
    if isinstance(value, dict):
        for member in value.values():
            _refuse_what_has_two_spellings(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_what_has_two_spellings(member)
