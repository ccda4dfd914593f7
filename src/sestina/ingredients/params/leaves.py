"""A config file as leaves: dotted keys, canonical values, and the bytes where the values stand.

A format's reader makes nodes; `flatten` turns them into leaves. Hostile files are bounded: size,
depth, and how much an alias may multiply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sestina.errors import InvalidInput

MAX_BYTES = 4 << 20
MAX_DEPTH = 64
MAX_LEAVES = 200_000
MAX_TEXT = 32 << 20
_BARE = re.compile(r"[^\s.\"#\[\]][^.\"#\[\]]*|\[\d+\]")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value: the parts of its key, its canonical text, and its bytes in the file.

    `span` is None where the value stands elsewhere (behind an alias or a merge), and where it is a
    list of lines: then `items` are the bytes of its members.
    """

    parts: tuple[str, ...]
    text: str
    span: tuple[int, int] | None
    items: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """Returns the dotted key; a part that could be taken for several is quoted."""
        return dotted(self.parts)

    def places(self) -> list[tuple[str, int, int]]:
        """Returns what can be cut: the value under its name, or each member under its position."""
        if self.span:
            return [(self.name, *self.span)]
        return [(f"{self.name}.{at}", *span) for at, span in enumerate(self.items)]


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar (`text`), a list (`items`), a table (`fields`) or a stand-in `of` another node.

    `span` is where it stands in the file.
    """

    span: tuple[int, int] | None
    text: str = ""
    items: tuple[Node, ...] | None = None
    fields: tuple[tuple[str, Node], ...] | None = None
    of: Node | None = None
    is_plain: bool = field(init=False)

    def __post_init__(self) -> None:
        """Notes whether this is a scalar or a list of nothing but scalars: one leaf."""
        plain = not self.fields and all(item.is_plain for item in self.items or ())
        object.__setattr__(self, "is_plain", self.of.is_plain if self.of else plain)


def dotted(parts: tuple[str, ...]) -> str:
    """Returns the parts of a key as one text, a different one for different parts; `.` for none.

    >>> dotted(("train", "lr")), dotted(("a.b", "c"))
    ('train.lr', '"a.b".c')
    """
    return ".".join(part if _is_bare(part) else quoted(part) for part in parts) or "."


def _is_bare(part: str) -> bool:
    return part.isprintable() and _BARE.fullmatch(part) is not None


def quoted(text: str) -> str:
    """Returns a text as JSON spells it, on one line; half a surrogate pair stays escaped."""
    halves = any("\ud800" <= character <= "\udfff" for character in text)
    return json.dumps(text, ensure_ascii=halves)


def number(text: str) -> str | None:
    """Returns the shortest text of a number, None for anything else.

    >>> number("1e-3"), number("+0010"), number("1_000"), number("0x1F")
    ('0.001', '10', None, '31')
    """
    word = text.lower()
    if re.fullmatch(r"[-+]?\d{1,4000}", word):
        return str(int(word))
    if re.fullmatch(r"0x[0-9a-f]{1,3000}|0o[0-7]{1,3000}|0b[01]{1,4000}", word):
        return str(int(word, 0))
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", word):
        value = float(word)
        return repr(value) if value not in (float("inf"), float("-inf")) else None
    return None


def canonical(value: Any) -> str:
    """Returns the canonical text of a parsed value: numbers shortest, text as JSON."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, tuple):
        return f"({','.join(map(canonical, value))})"
    if isinstance(value, set | frozenset):
        return f"set({','.join(sorted(map(canonical, value)))})"
    if isinstance(value, dict):
        members = sorted(f"{canonical(key)}:{canonical(member)}" for key, member in value.items())
        return f"{{{','.join(members)}}}"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return repr(value)


def flatten(root: Node, prefix: tuple[str, ...] = ()) -> list[Leaf]:
    """Returns the leaves of a node; a list with a table in it is taken apart by position."""
    if root.fields == () and not prefix:
        return []
    return list(_flatten(root, prefix, False, _Budget()))


def unreadable(what: str) -> InvalidInput:
    """Returns the error for a file that is not of its format, or beyond what is read."""
    return InvalidInput("invalid-input/config-file", "a config file cannot be read", why=what)


class _Budget:
    """What an alias may multiply before the file is refused."""

    def __init__(self) -> None:
        self.nodes = MAX_LEAVES
        self.text = MAX_TEXT

    def spend(self, text: str) -> str:
        self.nodes -= 1
        self.text -= len(text)
        if self.nodes < 0 or self.text < 0:
            raise unreadable(f"it unfolds to more than {MAX_LEAVES} values")
        return text


def _flatten(node: Node, parts: tuple[str, ...], borrowed: bool, budget: _Budget) -> Iterator[Leaf]:
    if node.is_plain:
        text = _plain(node, budget)
        if borrowed:
            yield Leaf(parts, text, None)
        else:
            yield Leaf(parts, text, node.span, () if node.span else _members(node))
    elif node.of:
        yield from _flatten(node.of, parts, True, budget)
    else:
        inner = node.fields or ((f"{at}", item) for at, item in enumerate(node.items or ()))
        for name, member in inner:
            yield from _flatten(member, (*parts, name), borrowed, budget)


def _members(node: Node) -> tuple[tuple[int, int], ...]:
    """Returns where the members of a list stand, nothing unless each has a place of its own."""
    spans = [item.span for item in node.items or () if item.span]
    return tuple(spans) if len(spans) == len(node.items or ()) else ()


def _plain(node: Node, budget: _Budget) -> str:
    if node.of:
        return _plain(node.of, budget)
    if node.fields is not None:
        return budget.spend("{}")
    if node.items is None:
        return budget.spend(node.text)
    budget.spend("")
    return f"[{','.join([_plain(item, budget) for item in node.items])}]"
