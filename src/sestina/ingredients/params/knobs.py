"""The keys that one params record holds, file by file, as `diff` and `describe` see them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput, SestinaError
from sestina.ingredients.cuts import fill
from sestina.ingredients.params.keys import format_of, leaves
from sestina.ingredients.params.leaves import Leaf
from sestina.ingredients.seed.names import is_seed_key
from sestina.kernel.withhold import WITHHELD
from sestina.records.ingredient import ParamsRecord, Span
from sestina.store import trees

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_PLACEHOLDER = re.compile(r'\[?(?:"?sestina\d*:(params|seed):[^"]*"?,?)+\]?')


@dataclass(frozen=True, slots=True)
class Knobs:
    """The leaves of one file, None where no reader knows it; `state` names its bytes."""

    state: tuple[str, ...]
    leaves: tuple[Leaf, ...] | None

    @property
    def keys(self) -> dict[str, str] | None:
        """Returns the value of every dotted key, a withheld one as such."""
        if self.leaves is None:
            return None
        return {leaf.name: _shown(leaf) for leaf in self.leaves}


def knobs(record: ParamsRecord, repo: Repo) -> dict[str, Knobs]:
    """Returns the keys of every config file, `.env` and settings module, by logical path."""
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for span in record.spans:
        spans[span.file].append(span)
    found = {}
    for leaf in trees.walk(repo, record.files):
        held = spans.pop(leaf.path, [])
        text = None if leaf.mode == "link" else _bytes(leaf.id, repo)
        found[leaf.path] = _knobs(leaf.path, (leaf.id, leaf.mode), text, held, repo)
    for path, held in spans.items():
        statements = b"\n".join(_source(span, repo) for span in held)
        found[path] = _knobs(path, (), statements, (), repo, also=held)
    return found


def key_parts(record: ParamsRecord, repo: Repo) -> dict[tuple[str, str], tuple[str, ...]]:
    """Returns the parts of every key, by file and dotted name."""
    return {
        (path, leaf.name): leaf.parts
        for path, held in knobs(record, repo).items()
        for leaf in held.leaves or ()
    }


def _knobs(
    path: str,
    state: tuple[str, ...],
    text: bytes | None,
    spans: Iterable[Span],
    repo: Repo,
    also: Iterable[Span] = (),
) -> Knobs:
    for span in spans:
        if text is not None and span.blob is not None:
            text = fill(text, span.placeholder, _bytes(span.blob, repo) or b"")
    blobs = [f"{span.name} {span.blob}" for span in (*spans, *also)]
    return Knobs((*state, *blobs), None if text is None else _read(path, text))


def _read(path: str, text: bytes) -> tuple[Leaf, ...] | None:
    form = format_of(path)
    if form is None:
        return None
    try:
        return tuple(leaf for leaf in leaves(text, form) if not _is_seed(leaf))
    except InvalidInput:
        return None


def _is_seed(leaf: Leaf) -> bool:
    """Returns whether seed holds the value; of a seed that is null nothing could be cut."""
    mark = _PLACEHOLDER.fullmatch(leaf.text)
    return is_seed_key(leaf.parts) and (
        leaf.text == "null" or (mark and mark[1] == "seed") or False
    )


def _shown(leaf: Leaf) -> str:
    mark = _PLACEHOLDER.fullmatch(leaf.text)
    return WITHHELD if mark and mark[1] == "params" else leaf.text


def _source(span: Span, repo: Repo) -> bytes:
    """Returns an assignment of a settings module; a withheld one keeps its name."""
    if span.blob is None:
        return f"{span.name.partition('#')[0]} = {span.placeholder}".encode()
    return _bytes(span.blob, repo) or b""


def _bytes(identifier: str, repo: Repo) -> bytes | None:
    try:
        return repo.contents.read(identifier)
    except SestinaError:
        return None
