"""Reads TOML 1.0: the standard library says whether a file is one, the places are found here."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from sestina.ingredients.params.leaves import Leaf, Node, canonical, flatten, unreadable

_SKIP = re.compile(rb"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(rb"[ \t]*")
_PART = re.compile(rb'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_TEXT = re.compile(
    rb'"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE = re.compile(rb"[^\s,\]}#]+(?: \d\d:[0-9:.]+(?:Z|[-+]\d\d:\d\d)?)?")


class _Table(dict[str, Any]):
    """A table under construction; `spans` of the values are kept as nodes in it."""


def read(text: bytes) -> list[Leaf]:
    """Returns the leaves of a TOML file."""
    try:
        tomllib.loads(text.decode())
    except tomllib.TOMLDecodeError as error:
        raise unreadable(str(error)) from None
    return flatten(_freeze(_statements(text)))


def _statements(text: bytes) -> _Table:
    root = table = _Table()
    at = _end(_SKIP, text, 0)
    while at < len(text):
        if text.startswith(b"[[", at):
            path, at = _key(text, at + 2)
            table = _Table()
            _descend(root, path[:-1]).setdefault(path[-1], []).append(table)
            at = text.index(b"]]", at) + 2
        elif text[at : at + 1] == b"[":
            path, at = _key(text, at + 1)
            table = _descend(root, path)
            at = text.index(b"]", at) + 1
        else:
            at = _pair(text, at, table)
        at = _end(_SKIP, text, at)
    return root


def _pair(text: bytes, at: int, table: _Table) -> int:
    path, at = _key(text, at)
    value, at = _value(text, _end(_BLANK, text, text.index(b"=", at) + 1))
    _descend(table, path[:-1])[path[-1]] = value
    return at


def _end(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    match = pattern.match(text, at)
    if not match:
        raise unreadable(f"it cannot be followed at byte {at}")
    return match.end()


def _key(text: bytes, at: int) -> tuple[list[str], int]:
    parts: list[str] = []
    while True:
        match = _PART.match(text, _end(_BLANK, text, at))
        if not match:
            raise unreadable(f"a key is expected at byte {at}")
        word = match[0].decode()
        quote = word[0] in "\"'"
        parts.append(tomllib.loads(f"v = {word}")["v"] if quote else word)
        at = _end(_BLANK, text, match.end())
        if text[at : at + 1] != b".":
            return parts, at
        at += 1


def _descend(table: _Table, path: list[str]) -> _Table:
    for part in path:
        held = table.setdefault(part, _Table())
        table = held[-1] if isinstance(held, list) else held
        if not isinstance(table, _Table):
            raise unreadable(f"'{part}' is both a table and a value")
    return table


def _value(text: bytes, at: int) -> tuple[Any, int]:
    opening = text[at : at + 1]
    if opening == b"[":
        return _array(text, at)
    if opening == b"{":
        return _inline(text, at)
    pattern = _TEXT if opening in (b'"', b"'") else _BARE
    end = _end(pattern, text, at)
    parsed = tomllib.loads(f"v = {text[at:end].decode()}")["v"]
    return Node((at, end), canonical(parsed)), end


def _array(text: bytes, start: int) -> tuple[Node, int]:
    items: list[Node] = []
    at = _end(_SKIP, text, start + 1)
    while text[at : at + 1] != b"]":
        value, at = _value(text, at)
        items.append(_freeze(value))
        at = _end(_SKIP, text, at)
        if text[at : at + 1] == b",":
            at = _end(_SKIP, text, at + 1)
    return Node((start, at + 1), items=tuple(items)), at + 1


def _inline(text: bytes, start: int) -> tuple[_Table, int]:
    table = _Table()
    at = _end(_SKIP, text, start + 1)
    while text[at : at + 1] != b"}":
        at = _end(_SKIP, text, _pair(text, at, table))
        if text[at : at + 1] == b",":
            at = _end(_SKIP, text, at + 1)
    return table, at + 1


def _freeze(value: Any) -> Node:
    if isinstance(value, Node):
        return value
    if isinstance(value, list):
        return Node(None, items=tuple(_freeze(item) for item in value))
    return Node(None, fields=tuple((name, _freeze(member)) for name, member in value.items()))
