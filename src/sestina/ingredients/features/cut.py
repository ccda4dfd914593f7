"""Which functions of a file define features."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from sestina.ingredients.cuts import Cut
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.python import Definition, Function, Source
from sestina.records.observation import SeenFile
from sestina.records.settings import Settings, covering

_FUNCTION = re.compile(r"[\w.*]+")


def cuts(file: SeenFile, text: bytes, settings: Settings) -> list[Cut]:
    """Returns a cut per feature function of a Python file, decorators included.

    A pattern of the settings claims every function of a file (methods too), or with
    `file.py:name` those that match; the decorator claims the function that carries it. What
    is defined inside a claimed function belongs to it.
    """
    if file.kind != "code":
        return []
    names = _patterns(file.path, settings)
    if not names and not (b"features" in text and b"sestina" in text):
        return []
    source = Source.read(text)
    if source is None:
        return []
    return [
        Cut(found.start, found.end, found.name, "features", text[found.start : found.end])
        for found in _outermost(source, names)
    ]


def _patterns(path: str, settings: Settings) -> list[re.Pattern[str]]:
    """Returns expressions for the names of functions that the settings claim in this file."""
    shown = as_in_settings(path)
    found = []
    whole = tuple(text for text in settings.features if not _function(text))
    if covering(whole, shown):
        found.append(re.compile(".*"))
    for text in settings.features:
        name = _function(text)
        if name and covering((text[: -len(name) - 1],), shown):
            found.append(re.compile(re.escape(name).replace(r"\*", ".*")))
    return found


def _function(pattern: str) -> str:
    _, colon, name = pattern.rpartition(":")
    return name if colon and _FUNCTION.fullmatch(name) else ""


def _outermost(source: Source, names: list[re.Pattern[str]]) -> Iterator[Definition]:
    end = 0
    for found in source.definitions():
        claimed = any(name.fullmatch(found.name) for name in names) or _is_marked(found.node)
        if claimed and found.start >= end and _looks_right(source, found):
            end = found.end
            yield found


def _is_marked(function: Function) -> bool:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called) in ("features", "sestina.features"):
            return True
    return False


def _looks_right(source: Source, found: Definition) -> bool:
    """Returns whether the span is a function: a slip of columns must never cut another one."""
    return source.text[found.start : found.end].startswith((b"@", b"def", b"async"))
