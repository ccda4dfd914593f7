"""What differs in features, function by function."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.errors import SestinaError
from sestina.ingredients.changes import Kind, difference
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.python import Function, Source
from sestina.ingredients.text import inline, unified
from sestina.kernel.ids import RecordId
from sestina.records.answers import Change, Difference, Place
from sestina.records.ingredient import FeaturesRecord, Span

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_INDENT = re.compile(rb"(?m)^[ \t]+(?=[^ \t\r\n])")
Spans = dict[tuple[str, str], Span]


def diff(a: RecordId, b: RecordId, repo: Repo) -> Difference:
    """Returns the feature functions that differ.

    `cosmetic` where the canonical form is equal; one that has another name or file is `moved`.
    """
    if a == b:
        return Difference(changes=())
    old, new = _spans(a, repo), _spans(b, repo)
    gone = {key: span for key, span in old.items() if key not in new}
    come = {key: span for key, span in new.items() if key not in old}
    changes = [
        _changed(span, new[key], repo)
        for key, span in old.items()
        if key in new and span.blob != new[key].blob
    ]
    changes += _moved(gone, come, repo)
    changes += [_change(span, inline(_text(span, repo)), None, "removed") for span in gone.values()]
    changes += [_change(span, None, inline(_text(span, repo)), "added") for span in come.values()]
    return difference(changes)


def _spans(record: RecordId, repo: Repo) -> Spans:
    spans = repo.records.get(record, FeaturesRecord).spans
    return {(span.file, span.name): span for span in spans}


def _changed(old: Span, new: Span, repo: Repo) -> Change:
    before, after = _text(old, repo), _text(new, repo)
    meaning = _meaning(before)
    cosmetic = meaning is not None and meaning == _meaning(after)
    return _change(
        new,
        inline(before),
        inline(after),
        "changed",
        cosmetic=cosmetic,
        detail=unified(before, after),
    )


def _moved(gone: Spans, come: Spans, repo: Repo) -> Iterator[Change]:
    """Yields the functions that only have another name or file, and takes them out of both."""
    left, right = _by_likeness(gone, repo), _by_likeness(come, repo)
    for likeness, keys in left.items():
        others = right.get(likeness, [])
        if len(keys) == len(others) == 1:
            old, new = gone.pop(keys[0]), come.pop(others[0])
            before, after = old.name, new.name
            if old.file != new.file:
                before = f"{as_in_settings(old.file)}:{before}"
                after = f"{as_in_settings(new.file)}:{after}"
            yield _change(new, before, after, "moved")


def _by_likeness(spans: Spans, repo: Repo) -> dict[str, list[tuple[str, str]]]:
    found = defaultdict(list)
    for key, span in spans.items():
        likeness = _meaning(_text(span, repo), nameless=True)
        if likeness is not None:
            found[likeness].append(key)
    return found


def _text(span: Span, repo: Repo) -> bytes:
    if span.blob is None:
        return b""
    try:
        return repo.contents.read(span.blob)
    except SestinaError:
        return b""


def _meaning(text: bytes, *, nameless: bool = False) -> str | None:
    """Returns the canonical form of a function, with or without its own name."""
    function, source = _function(text)
    if function is None or source is None:
        return None
    if nameless:
        function.name = "_"
    return source.meaning(function)


def _function(text: bytes) -> tuple[Function | None, Source | None]:
    """Returns the function in a span; a decorated method stands at an indent that it must keep."""
    indents = {match[0] for match in _INDENT.finditer(text)}
    for head in (b"", *(b"if 1:\n" + indent for indent in sorted(indents, key=len))):
        source = Source.read(head + text)
        if source is not None and source.tree.body:  # of a purged one nothing is left
            body = source.tree.body[0]
            found = body.body[0] if head and isinstance(body, ast.If) else body
            return (found, source) if isinstance(found, Function) else (None, None)
    return None, None


def _change(
    span: Span,
    before: str | None,
    after: str | None,
    kind: Kind,
    *,
    cosmetic: bool = False,
    detail: tuple[str, ...] = (),
) -> Change:
    return Change(
        ingredient="features",
        place=Place(kind="function", path=span.file, name=span.name),
        before=before,
        after=after,
        kind=kind,
        cosmetic=cosmetic,
        detail=detail,
    )
