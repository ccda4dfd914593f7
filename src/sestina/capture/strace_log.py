"""Reading what strace wrote with `-f -xx -y`: every string in hexadecimal, so nothing is ambiguous.

Format: strace(1), "OUTPUT FORMAT".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_LINE = re.compile(rb"(\d+) +(.*)", re.DOTALL)
_BEGUN = re.compile(rb"(\w+)\((.*?) *<unfinished \.\.\.>\Z", re.DOTALL)
_RESUMED = re.compile(rb"<\.\.\. (\w+) resumed>(.*)\Z", re.DOTALL)
_WHOLE = re.compile(rb"(\w+)\((.*)\) += (-?\d+|\?)", re.DOTALL)
_HEX = rb"((?:\\x[0-9a-f]{2})*)"
_TEXT = re.compile(rb'"' + _HEX + rb'"')
_PLACE = re.compile(rb"<" + _HEX + rb">")


class Call(NamedTuple):
    """One system call, in the order in which it began."""

    task: int
    name: str
    arguments: tuple[bytes, ...]
    """As strace wrote them, split at the commas; structures are split too."""
    result: int | None
    """What it returned, negative when it failed; None when it never did."""


def calls(lines: Iterable[bytes]) -> list[Call]:
    """Returns the calls of a log; a line that is none (a signal, an exit) is left out."""
    found: list[Call | None] = []
    begun: dict[int, tuple[int, bytes]] = {}
    for line in lines:
        match = _LINE.match(line.rstrip(b"\n"))
        if match is None:
            continue
        task, rest = int(match[1]), match[2]
        place = len(found)
        if unfinished := _BEGUN.match(rest):
            begun[task] = (place, unfinished[1] + b"(" + unfinished[2])
            found.append(None)
            continue
        if resumed := _RESUMED.match(rest):
            if task not in begun:
                continue
            place, start = begun.pop(task)
            rest = start + resumed[2]
        if (whole := _WHOLE.match(rest)) is None:
            continue
        result = None if whole[3] == b"?" else int(whole[3])
        call = Call(task, whole[1].decode(), tuple(whole[2].split(b", ")), result)
        if place < len(found):
            found[place] = call
        else:
            found.append(call)
    for task, (place, start) in begun.items():
        name, _, arguments = start.partition(b"(")
        found[place] = Call(task, name.decode(), tuple(arguments.split(b", ")), None)
    return [call for call in found if call is not None]


def text(argument: bytes) -> bytes:
    r"""Returns the string in an argument.

    >>> text(rb'"\x2f\x61"')
    b'/a'
    """
    match = _TEXT.search(argument)
    return b"" if match is None else _bytes(match[1])


def texts(arguments: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the strings of an array that begins in the first argument."""
    for argument in arguments:
        yield from (_bytes(match) for match in _TEXT.findall(argument))
        if argument.endswith(b"]"):
            return


def place(argument: bytes) -> bytes:
    r"""Returns where a descriptor leads, `b""` when strace did not know.

    >>> place(rb'AT_FDCWD<\x2f\x61>')
    b'/a'
    """
    match = _PLACE.search(argument)
    return b"" if match is None else _bytes(match[1])


def _bytes(hexadecimal: bytes) -> bytes:
    return bytes.fromhex(hexadecimal.replace(b"\\x", b"").decode())
