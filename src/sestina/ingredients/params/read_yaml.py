"""Reads YAML from the parser's events, so that every value keeps its place and nothing is built.

A plain word is a number or a literal where YAML 1.2 (chapter 10.3, core schema) says so. Words on
which YAML 1.1 and 1.2 disagree (`yes`, `012`, `1:30`) keep their own spelling: calling them equal
to something else would be true for one loader and false for another.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator
from typing import Any

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
_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
_FLOAT_WORD = re.compile(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)")
_DISPUTED = re.compile(
    r"y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*_[0-9_.]*"
    r"|[-+]?\d+(:[0-5]?\d)+(\.\d*)?|0b[01_]+|\d{4}-\d\d?-\d\d?([Tt ].*)?|=|<<"
)
_PROPERTIES = re.compile(r"(?:[&!][^\s]*\s+)*")
_MERGE = "<<"

Place = Callable[[int, int], tuple[int, int]]


def read(text: bytes) -> list[Leaf]:
    """Returns the leaves of every document; keys of the second start with `[2]`, and so on."""
    import yaml

    start = len(_BOM) if text.startswith(_BOM) else 0
    body = text[start:].decode()
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Leaf] = []
    try:
        documents = _Composer(body, yaml.parse(body, Loader=loader), _places(body, start))
        for count, root in enumerate(documents.roots(), 1):
            found += flatten(root, () if count == 1 else (f"[{count}]",))
    except yaml.YAMLError as error:
        raise unreadable(" ".join(str(error).split())) from None
    return found


def _places(body: str, start: int) -> Place:
    """Returns how the parser's characters map to bytes of the file."""
    wide = [match.start() for match in re.finditer(r"[^\x00-\x7f]", body)]
    extra = [0]
    for at in wide:
        extra.append(extra[-1] + len(body[at].encode()) - 1)

    def offset(index: int) -> int:
        return start + index + extra[bisect.bisect_left(wide, index)]

    return lambda first, last: (offset(first), offset(last))


class _Composer:
    """Nodes from events: as `yaml.compose`, but aliases share their node and depth is bounded."""

    def __init__(self, body: str, events: Iterator[Any], place: Place) -> None:
        self.body = body
        self.events = events
        self.place = place
        self.anchors: dict[str, Node] = {}

    def roots(self) -> Iterator[Node]:
        import yaml

        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                yield self._node(next(self.events), 0)

    def _node(self, event: Any, depth: int) -> Node:
        import yaml

        if depth > MAX_DEPTH:
            raise unreadable(f"it is nested deeper than {MAX_DEPTH}")
        if isinstance(event, yaml.AliasEvent):
            return self._borrow(event)
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = self._mapping(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _borrow(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            raise unreadable(f"the alias *{event.anchor} stands for nothing before it")
        span = self._span(event, event)
        return Node(span, of=self.anchors[event.anchor])

    def _span(self, first: Any, last: Any) -> tuple[int, int]:
        return self.place(first.start_mark.index, last.end_mark.index)

    def _scalar(self, event: Any) -> Node:
        first, last = event.start_mark.index, event.end_mark.index
        if event.anchor or event.tag:
            match = _PROPERTIES.match(self.body, first, last)
            first = match.end() if match else first
        if event.style in ("|", ">"):
            last -= len(self.body[first:last]) - len(self.body[first:last].rstrip())
        tag = event.tag if event.tag and event.tag != "!" else ""
        text = quoted(event.value) if event.style or event.tag else plain(event.value)
        if tag:
            text = f"{tag.replace('tag:yaml.org,2002:', '!!')} {text}"
        return Node(None if first >= last else self.place(first, last), text)

    def _sequence(self, event: Any, depth: int) -> Node:
        import yaml

        items: list[Node] = []
        while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(inner, depth + 1))
        span = None
        if event.flow_style and not event.anchor and not event.tag:
            span = self._span(event, inner)
        return Node(span, items=tuple(items))

    def _mapping(self, event: Any, depth: int) -> Node:
        import yaml

        merged: dict[str, Node] = {}
        own: list[tuple[str, Node]] = []
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            name = self._key(self._node(inner, depth + 1), inner)
            value = self._node(next(self.events), depth + 1)
            if name == _MERGE and not getattr(inner, "style", None):
                merged = {**_merge(value), **merged}
            else:
                own.append((name, value))
        names = {name for name, _ in own}
        fields = [(name, node) for name, node in merged.items() if name not in names] + own
        return Node(None, fields=tuple(fields))

    def _key(self, node: Node, event: Any) -> str:
        return str(event.value) if hasattr(event, "value") else flatten(node)[0].text


def plain(word: str) -> str:
    """Returns the canonical text of a plain (unquoted) word."""
    if _NULL.fullmatch(word):
        return "null"
    if _TRUE.fullmatch(word) or _FALSE.fullmatch(word):
        return word.lower()
    if special := _FLOAT_WORD.fullmatch(word):
        return special[1].replace("+", "") + special[2].lower()
    if _DISPUTED.fullmatch(word):
        return word
    return number(word) or quoted(word)


def _merge(value: Node) -> dict[str, Node]:
    """Returns what `<<` brings in; of several tables the first that has a key gives it."""
    value = value.of or value
    found: dict[str, Node] = {}
    for table in value.items if value.items is not None else (value,):
        for name, node in (table.of or table).fields or ():
            found.setdefault(name, Node(None, of=node))
    return found
