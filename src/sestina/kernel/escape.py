"""Raw bytes as text that JSON can hold, one text for every byte string and back.

POSIX names are bytes; JSON holds Unicode. Valid UTF-8 stays as it is, except control characters
and line separators; a backslash is doubled; every other byte becomes `\\xHH`. The map is a
bijection onto its image, so equal texts mean equal bytes, and a name with a newline can never
break a line of output. The set of escaped characters is spelled out here because Unicode tables
differ between Python versions, and ids must not.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")
_UNSHOWABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")


def to_text(raw: bytes) -> str:
    """Returns the one text that stands for `raw`.

    >>> to_text(b"caf\\xc3\\xa9 \\xff\\n")
    'café \\\\xff\\\\x0a'
    """
    text = raw.decode("utf-8", "surrogateescape").replace("\\", "\\\\")
    return _UNSHOWABLE.sub(_hex, text)


def to_bytes(text: str) -> bytes:
    """Returns the bytes `text` stands for; raises ValueError for a text `to_text` never makes."""
    if "\\" not in text and not _UNSHOWABLE.search(text):
        return text.encode("utf-8")
    raw = b"".join(
        _byte(part) if index % 2 else part.encode("utf-8")
        for index, part in enumerate(_ESCAPED.split(text))
    )
    if to_text(raw) != text:
        raise ValueError(f"not a canonical name: {text!r}")
    return raw


def _hex(match: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in match[0].encode("utf-8", "surrogateescape"))


def _byte(escape: str) -> bytes:
    return b"\\" if escape == "\\" else bytes([int(escape[1:], 16)])
