"""Colour, which means change, and text that is safe to show on one line of a terminal."""

from __future__ import annotations

import os
import re
from typing import TextIO

# Control characters, line separators, lone surrogates, and the marks that turn reading direction.
_UNSAFE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_RUBRIC, _MUTED, _STRONG, _PASS, _WARN = "31", "2", "1", "32", "33"


class Ink:
    """How words are set apart: by colour where `on`, by nothing where not."""

    __slots__ = ("on",)

    def __init__(self, on: bool = False) -> None:
        self.on = on

    def changed(self, text: str) -> str:
        """Returns `text` in rubric: what differs, and what is wrong."""
        return self._set(text, _RUBRIC)

    def muted(self, text: str) -> str:
        """Returns `text` as a remark in the margin."""
        return self._set(text, _MUTED)

    def strong(self, text: str) -> str:
        """Returns `text` as a title."""
        return self._set(text, _STRONG)

    def passed(self, text: str) -> str:
        """Returns `text` as good news."""
        return self._set(text, _PASS)

    def warned(self, text: str) -> str:
        """Returns `text` as a warning."""
        return self._set(text, _WARN)

    def _set(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


def ink_for(stream: TextIO) -> Ink:
    """Returns the ink for a stream: colour only on a terminal, and not where NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Ink(on=not plain and stream.isatty())


def clean(text: str) -> str:
    """Returns `text` without anything that could move the cursor or break the line.

    >>> clean("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in match[0].encode("utf-8", "surrogateescape"))
