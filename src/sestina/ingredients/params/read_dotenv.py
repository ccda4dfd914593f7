"""Reads `.env` files as python-dotenv does: `export`, quotes, comments, values of several lines.

A line that is no variable is passed over, as every reader of such files does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sestina.ingredients.params.leaves import Leaf
from sestina.ingredients.params.read_ini import shown

_BOM = b"\xef\xbb\xbf"
_SKIP = re.compile(rb"\s*(?:#[^\r\n]*\s*)*")
_KEY = re.compile(rb"(?:export[ \t]+)?(?:'([^'\r\n]+)'|([^\s=#'\"][^\s=#]*))[ \t]*")
_SINGLE = re.compile(rb"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_DOUBLE = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BLANK = re.compile(rb"[ \t]*")
_UNQUOTED = re.compile(rb"[^\r\n]*")
_TRAILING = re.compile(rb"\s+#.*|\s+\Z", re.DOTALL)
_REST = re.compile(rb"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_ESCAPES = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"a": b"\a",
    b'"': b'"', b"'": b"'", b"\\": b"\\",
}  # fmt: skip


def read(text: bytes) -> list[Leaf]:
    """Returns a leaf per variable; its span holds the quotes, and is None for an empty value."""
    text.decode()
    return list(_variables(text))


def _variables(text: bytes) -> Iterator[Leaf]:
    at = _end(_SKIP, text, len(_BOM) if text.startswith(_BOM) else 0)
    while at < len(text):
        found = _variable(text, at)
        if found:
            yield found[0]
        at = _end(_SKIP, text, found[1] if found else _end(_UNQUOTED, text, at))


def _variable(text: bytes, at: int) -> tuple[Leaf, int] | None:
    key = _KEY.match(text, at)
    if not key:
        return None
    name, end = (key[1] or key[2]).decode(), key.end()
    if text[end : end + 1] == b"=":
        return _value(name, text, _end(_BLANK, text, end + 1))
    rest = _REST.match(text, end)
    return (Leaf((name,), "null", None), end) if rest else None


def _value(name: str, text: bytes, at: int) -> tuple[Leaf, int]:
    pattern = {b"'": _SINGLE, b'"': _DOUBLE}.get(text[at : at + 1])
    quotes = pattern and pattern.match(text, at)
    if quotes and _REST.match(text, quotes.end()):
        known = _ESCAPES if text[at : at + 1] == b'"' else {b"'": b"'", b"\\": b"\\"}
        value = re.sub(
            rb"\\(.)", lambda m: known.get(m[1], m[0]), quotes[1], flags=re.DOTALL
        ).decode()
        return Leaf((name,), shown(value), quotes.span()), quotes.end()
    line = text[at : _end(_UNQUOTED, text, at)]
    kept = b"" if line.startswith(b"#") else _TRAILING.sub(b"", line)
    span = (at, at + len(kept)) if kept else None
    return Leaf((name,), shown(kept.decode()), span), at + len(kept)


def _end(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    match = pattern.match(text, at)
    assert match, "every pattern used here matches the empty text"
    return match.end()
