"""Bytes as lines for people, and whether two files say the same in other bytes."""

from __future__ import annotations

import difflib
import re

from sestina.kernel.ids import blob_id

MAX_DETAIL = 60
"""Lines. A longer unified diff is cut and says how much was left out."""
MAX_DIFF_BYTES = 1 << 20
_INLINE = 80
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def decoded(data: bytes) -> str | None:
    """Returns the text, whatever its encoding and line ends; None for binary data.

    >>> decoded(b"a\\r\\nb") == decoded("a\\nb".encode("utf-16"))
    True
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        return None
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        if encoding == "utf-16" or _CONTROL.search(text.replace("\x85", "")):
            return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def same_text(a: bytes, b: bytes) -> bool:
    """Returns whether two files differ in line ends or encoding alone."""
    old = decoded(a)
    return old is not None and old == decoded(b)


def unified(a: bytes, b: bytes, *, context: int = 2) -> tuple[str, ...]:
    """Returns the lines of a unified diff without its header, control characters made visible.

    Empty for binary data and for texts too long to compare line by line.
    """
    if max(len(a), len(b)) > MAX_DIFF_BYTES:
        return ()
    old, new = decoded(a), decoded(b)
    if old is None or new is None:
        return ()
    lines = list(difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=context))
    lines = [visible(line) for line in lines[2:]]
    if len(lines) > MAX_DETAIL:
        left = len(lines) - MAX_DETAIL
        lines = [*lines[:MAX_DETAIL], f"… {left} more lines"]
    return tuple(lines)


def visible(text: str) -> str:
    """Returns `text` with control characters spelled out: no file can write to the terminal."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def inline(data: bytes) -> str:
    """Returns a short piece of source as it is, a longer one as its id."""
    text = decoded(data)
    if text is None or "\n" in text or len(text) > _INLINE:
        return blob_id(data)
    return visible(text)
