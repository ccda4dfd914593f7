"""Reads JSON (RFC 8259, and `NaN` and `Infinity` as Python writes them) with places."""

from __future__ import annotations

import json
import re

from sestina.ingredients.params.leaves import (
    MAX_DEPTH,
    Leaf,
    Node,
    flatten,
    number,
    quoted,
    unreadable,
)

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrtu])*+"')
_NUMBER = re.compile(rb"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORDS = {
    b"true": "true", b"false": "false", b"null": "null",
    b"NaN": "nan", b"Infinity": "inf", b"-Infinity": "-inf",
}  # fmt: skip
_WORD = re.compile(rb"-?[A-Za-z]+")


def read(text: bytes) -> list[Leaf]:
    """Returns the leaves of the one value in `text`."""
    text.decode()
    at = _space(text, len(_BOM) if text.startswith(_BOM) else 0)
    root, at = _value(text, at, 0)
    if _space(text, at) != len(text):
        raise unreadable(f"it goes on after its value, at byte {at}")
    return flatten(root)


def _space(text: bytes, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: bytes, at: int, depth: int) -> tuple[Node, int]:
    if depth > MAX_DEPTH:
        raise unreadable(f"it is nested deeper than {MAX_DEPTH}")
    opening = text[at : at + 1]
    if opening == b"{":
        return _table(text, at, depth)
    if opening == b"[":
        return _list(text, at, depth)
    if opening == b'"':
        content, end = _string(text, at)
        return Node((at, end), quoted(content)), end
    if word := _WORD.match(text, at):
        if word[0] not in _WORDS:
            raise unreadable(f"a value is expected at byte {at}")
        return Node(word.span(), _WORDS[word[0]]), word.end()
    if match := _NUMBER.match(text, at):
        spelled = match[0].decode()
        return Node(match.span(), number(spelled) or spelled), match.end()
    raise unreadable(f"a value is expected at byte {at}")


def _string(text: bytes, at: int) -> tuple[str, int]:
    match = _STRING.match(text, at)
    if not match:
        raise unreadable(f"a text is expected at byte {at}")
    try:
        return str(json.loads(match[0])), match.end()
    except ValueError as error:
        raise unreadable(f"{error}, at byte {at}") from None


def _list(text: bytes, start: int, depth: int) -> tuple[Node, int]:
    items: list[Node] = []
    at = _space(text, start + 1)
    while text[at : at + 1] != b"]":
        item, at = _value(text, at, depth + 1)
        items.append(item)
        at = _next(text, at, b"]")
    return Node((start, at + 1), items=tuple(items)), at + 1


def _table(text: bytes, start: int, depth: int) -> tuple[Node, int]:
    fields: list[tuple[str, Node]] = []
    at = _space(text, start + 1)
    while text[at : at + 1] != b"}":
        name, at = _string(text, at)
        at = _space(text, at)
        if text[at : at + 1] != b":":
            raise unreadable(f"a colon is expected at byte {at}")
        value, at = _value(text, _space(text, at + 1), depth + 1)
        fields.append((name, value))
        at = _next(text, at, b"}")
    return Node((start, at + 1), fields=tuple(fields)), at + 1


def _next(text: bytes, at: int, closing: bytes) -> int:
    """Returns where the next member starts, or where the closing bracket is."""
    at = _space(text, at)
    if text[at : at + 1] == closing:
        return at
    following = _space(text, at + 1)
    if text[at : at + 1] != b"," or text[following : following + 1] == closing:
        raise unreadable(f"a comma or {closing.decode()} is expected at byte {at}")
    return following
