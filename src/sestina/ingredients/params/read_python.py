"""Reads a settings module: its top-level assignments of literals, parsed and never imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sestina.ingredients.params.leaves import (
    MAX_DEPTH,
    Leaf,
    Node,
    canonical,
    flatten,
    unreadable,
)
from sestina.ingredients.python import is_utf8, parse

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME = literal` at the top of a module: the bytes of the statement, and its value."""

    name: str
    span: tuple[int, int]
    value: Node


def read(text: bytes) -> list[Leaf]:
    """Returns the leaves of every assignment of a literal."""
    return [leaf for held in assignments(text) for leaf in flatten(held.value, (held.name,))]


def assignments(text: bytes) -> list[Assignment]:
    """Returns the top-level assignments of literals; raises InvalidInput where it is no Python.

    Names with two leading underscores belong to the language, not to a person's settings.
    """
    tree = parse(text) if is_utf8(text) else None
    if tree is None:
        raise unreadable("it is not Python in UTF-8")
    return list(_assignments(tree, _Lines(text)))


class _Lines:
    """Where each line starts, so that the parser's columns become offsets."""

    def __init__(self, text: bytes) -> None:
        lead = len(_BOM) if text.startswith(_BOM) else 0
        self.starts = [lead] + [match.end() for match in re.finditer(rb"\r\n|\r|\n", text)]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Returns where a node stands in the file."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset


def _assignments(tree: ast.Module, lines: _Lines) -> Iterator[Assignment]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            target: ast.expr = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            target = statement.target
        else:
            continue
        value = statement.value
        if not isinstance(target, ast.Name) or target.id.startswith("__") or not value:
            continue
        if node := _node(value, lines, 0):
            yield Assignment(target.id, lines.span(statement), node)


def _node(value: ast.expr, lines: _Lines, depth: int) -> Node | None:
    """Returns the literal as a node; None for anything that has to be executed."""
    if depth > MAX_DEPTH:
        return None
    span = lines.span(value)
    if isinstance(value, ast.Dict):
        names = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        if all(isinstance(name, str) for name in names):
            members = [_node(member, lines, depth + 1) for member in value.values]
            return _table([str(name) for name in names], members, span)
    if isinstance(value, ast.List):
        items = [_node(item, lines, depth + 1) for item in value.elts]
        kept = [item for item in items if item]
        return Node(span, items=tuple(kept)) if len(kept) == len(items) else None
    try:
        return Node(span, canonical(ast.literal_eval(value)))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _table(names: list[str], members: list[Node | None], span: tuple[int, int]) -> Node | None:
    kept = [member for member in members if member]
    if len(kept) < len(members):
        return None
    return Node(span, fields=tuple(zip(names, kept, strict=True)))
