"""Reads INI as `configparser` does by default, and key-value files without sections."""

from __future__ import annotations

import re

from sestina.ingredients.params.leaves import Leaf, quoted, unreadable

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SECTION = re.compile(rb"\[(.+)\]\s*")
_PAIR = re.compile(rb"([^\s=:#;\[][^=:]*?)[ \t]*(?:[=:][ \t]*(.*?))?\s*", re.DOTALL)
_BOM = b"\xef\xbb\xbf"


def read(text: bytes) -> list[Leaf]:
    """Returns the leaves; keys are lower case, and a value may go on in indented lines."""
    text.decode()
    if b"\0" in text:
        raise unreadable("it holds a zero byte")
    found: list[Leaf] = []
    section: tuple[str, ...] = ()
    for start, line in _lines(text):
        stripped = line.strip()
        if not stripped or stripped[:1] in b"#;":
            continue
        if found and line[:1] in b" \t" and found[-1].span is not None:
            found[-1] = _longer(found[-1], text, start, line)
        elif match := _SECTION.fullmatch(stripped):
            section = (match[1].decode(),)
        else:
            found.append(_pair(section, start, line))
    return found


def _lines(text: bytes) -> list[tuple[int, bytes]]:
    start = len(_BOM) if text.startswith(_BOM) else 0
    found = []
    while start < len(text):
        match = _LINE.match(text, start)
        assert match
        found.append((start, match[0]))
        start = match.end()
    return found


def _pair(section: tuple[str, ...], start: int, line: bytes) -> Leaf:
    lead = len(line) - len(line.lstrip())
    match = _PAIR.fullmatch(line, lead)
    if not match:
        raise unreadable(f"no key stands at byte {start}")
    parts = (*section, match[1].decode().lower())
    if match[2] is None:
        return Leaf(parts, "null", None)
    first, last = match.span(2)
    return Leaf(parts, shown(match[2].decode()), (start + first, start + last))


def _longer(leaf: Leaf, text: bytes, start: int, line: bytes) -> Leaf:
    """Returns the leaf with a line more."""
    assert leaf.span
    end = start + len(line.rstrip())
    words = [part.strip() for part in text[leaf.span[0] : end].decode().splitlines()]
    kept = [word for at, word in enumerate(words) if at == 0 or word[:1] not in ("#", ";")]
    return Leaf(leaf.parts, shown("\n".join(kept)), (leaf.span[0], end))


def shown(value: str) -> str:
    """Returns a value that is text by nature: as it is, quoted if it has control characters."""
    return value if value.isprintable() else quoted(value)
