"""Python source as bytes with a meaning: parsed, never run."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


def parse(source: bytes) -> ast.Module | None:
    """Returns the syntax tree, None for what this Python cannot parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def is_utf8(source: bytes) -> bool:
    """Returns whether Python reads the source as UTF-8, as its coding line says."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:
        return False
    return encoding in ("utf-8", "utf-8-sig")


def canonical(node: ast.AST, *, docstrings: bool = False) -> str:
    """Returns the one text of what a tree means: no positions, comments, layout or docstrings.

    >>> canonical(ast.parse("x = 1  # one")) == canonical(ast.parse("x=(1)"))
    True
    """
    # An explicit stack: a long chain of `elif` or `+` is deeper than Python recurses.
    said: list[str] = []
    ahead: list[str | ast.AST | list[Any]] = [node]
    while ahead:
        part = ahead.pop()
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, list):
            said.append("[")
            ahead += ["]", *map(_spelled, reversed(part))]
        else:
            said.append(f"{type(part).__name__}(")
            ahead.append(")")
            for name in reversed(part._fields):
                if name not in _LAYOUT:
                    value = getattr(part, name, None)
                    if name == "body" and not docstrings and isinstance(part, _DOCUMENTED):
                        value = value[1:] if value and _is_text(value[0]) else value
                    ahead += [_spelled(value), f" {name}="]
    return "".join(said)


_LAYOUT = ("kind", "type_comment", "type_ignores")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _spelled(value: Any) -> str | ast.AST | list[Any]:
    return value if isinstance(value, ast.AST | list) else repr(value)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@dataclass(frozen=True, slots=True)
class Definition:
    """A function as it stands in its file: `name` is qualified, the span covers its decorators."""

    name: str
    node: Function
    start: int
    end: int


class Source:
    """Bytes of a Python file beside its tree, to go from one to the other."""

    def __init__(self, text: bytes, tree: ast.Module):
        self.text = text
        self.tree = tree
        starts = [len(_BOM) if text.startswith(_BOM) else 0]
        self._lines = starts + [match.end() for match in _LINE_END.finditer(text)]

    @classmethod
    def read(cls, text: bytes) -> Source | None:
        """Returns the source, None where it cannot be parsed or is not UTF-8."""
        tree = parse(text) if is_utf8(text) else None
        return cls(text, tree) if tree is not None else None

    def span(self, node: ast.stmt) -> tuple[int, int]:
        """Returns where a statement starts and ends, in bytes, its decorators included."""
        start = self._lines[node.lineno - 1] + node.col_offset
        for decorator in getattr(node, "decorator_list", []):
            expression = self._lines[decorator.lineno - 1] + decorator.col_offset
            start = min(start, self.text.rfind(b"@", 0, expression))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def bytes_of(self, node: ast.stmt) -> bytes:
        """Returns the statement's own bytes."""
        start, end = self.span(node)
        return self.text[start:end]

    def meaning(self, node: ast.AST) -> str:
        """Returns the canonical form; docstrings count where the program reads them."""
        read = b"__doc__" in self.text or b"docopt" in self.text
        return canonical(node, docstrings=read)

    def definitions(self) -> Iterator[Definition]:
        """Yields every function, outer before inner, in the order of the file."""
        ahead: list[tuple[ast.AST, str]] = [(self.tree, "")]
        while ahead:
            node, prefix = ahead.pop()
            if isinstance(node, Function):
                yield Definition(f"{prefix}{node.name}", node, *self.span(node))
            if isinstance(node, Scope):
                prefix += f"{node.name}."
            if not isinstance(node, ast.expr):
                children = list(ast.iter_child_nodes(node))
                ahead += [(child, prefix) for child in reversed(children)]
