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
_LABEL = 40
ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, the head of a class, or a statement outside of functions.

    `sort` is the kind of its syntax (the name of an assignment), `meaning` the canonical form,
    `nameless` the same with the unit's own name taken out.
    """

    kind: str
    name: str
    sort: str
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
        found.append(
            Unit(
                kind=kind,
                name=name if again == 1 else f"{name}#{again}",
                sort=name if isinstance(node, ASSIGNMENTS) else type(node).__name__,
                meaning=source.meaning(node),
                nameless=_nameless(source, node),
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
    if isinstance(node, ASSIGNMENTS):
        return ", ".join(ast.unparse(target) for target in targets if target is not None)[:_LABEL]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return "docstring"
    return ast.unparse(node).partition("\n")[0][:_LABEL]


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
