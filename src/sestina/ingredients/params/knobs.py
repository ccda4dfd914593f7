"""The keys that one params record holds, file by file, as `diff` and `describe` see them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
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

_PLACEHOLDER = re.compile(r'"?sestina\d*:(params|seed):[^"]*"?')


@dataclass(frozen=True, slots=True)
class Knobs:
    """The keys of one file. `state` names its bytes; `keys` is None where no reader knows it."""

    state: tuple[str, ...]
    keys: Mapping[str, str] | None


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


def _read(path: str, text: bytes) -> dict[str, str] | None:
    form = format_of(path)
    if form is None:
        return None
    try:
        return {leaf.name: _shown(leaf) for leaf in leaves(text, form) if not _is_seed(leaf)}
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
