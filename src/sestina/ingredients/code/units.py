"""A Python file as the units in which people change it: functions, classes, statements."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sestina.ingredients.python import Function, Source

_PLACEHOLDER = re.compile(r"sestina\d*:[a-z]+:[A-Za-z0-9_.\[\]~-]*")
_ANONYMOUS = "_"


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, the head of a class, or a statement outside of functions.

    `meaning` is the canonical form, `nameless` the same with the unit's own name taken out.
    """

    kind: str
    name: str
    meaning: str
    nameless: str
    text: bytes


def units(source: Source) -> tuple[Unit, ...]:
    """Returns the units in the order of the file, each (kind, name) once.

    What other ingredients claim is none of them: placeholders, settings whose value is one.
    Raises RecursionError for expressions deeper than Python recurses.
    """
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for kind, name, node, text in _parts(source):
        seen[kind, name] += 1
        again = seen[kind, name]
        plain = _Unclaimed().visit(node)
        found.append(
            Unit(
                kind=kind,
                name=name if again == 1 else f"{name}#{again}",
                meaning=source.meaning(plain),
                nameless=_nameless(source, plain),
                text=text,
            )
        )
    return tuple(found)


def _parts(source: Source) -> Iterator[tuple[str, str, ast.stmt, bytes]]:
    """Yields kind, name, tree and bytes of each unit; a class is its head alone."""
    ahead = [(statement, "") for statement in reversed(source.tree.body)]
    while ahead:
        node, prefix = ahead.pop()
        if isinstance(node, Function):
            yield "function", prefix + node.name, node, source.bytes_of(node)
        elif isinstance(node, ast.ClassDef):
            body, start = node.body, source.span(node)[0]
            head = source.text[start : source.span(body[0])[0]].rstrip()
            node.body = []
            yield "class", prefix + node.name, node, head
            ahead += [(part, f"{prefix}{node.name}.") for part in reversed(body)]
        elif not _is_claimed(node):
            yield "statement", prefix + _label(node), node, source.bytes_of(node)


def _label(node: ast.stmt) -> str:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return ", ".join(ast.unparse(target) for target in targets if target is not None)[:60]
    return ast.unparse(node).partition("\n")[0][:60]


def _nameless(source: Source, node: ast.stmt) -> str:
    if not isinstance(node, Function | ast.ClassDef):
        return ""
    name, node.name = node.name, _ANONYMOUS
    try:
        return source.meaning(node)
    finally:
        node.name = name


def _is_claimed(node: ast.stmt) -> bool:
    held = isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign)
    return held and is_placeholder(getattr(node, "value", None))


def is_placeholder(node: ast.AST | None) -> bool:
    """Returns whether a node is what stands for a span that another ingredient claims."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _PLACEHOLDER.fullmatch(node.value) is not None
    )


class _Unclaimed(ast.NodeTransformer):
    """Takes claimed members out of dictionaries: params reports those, key by key."""

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        members = [
            (key, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if not is_placeholder(value)
        ]
        node.keys = [key for key, _ in members]
        node.values = [value for _, value in members]
        self.generic_visit(node)
        return node
