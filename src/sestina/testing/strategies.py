"""Hypothesis strategies for what sestina keeps: bytes, names, trees and records of every kind."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from sestina.kernel.canon import MAX_INT
from sestina.kernel.ids import BlobId, RecordId
from sestina.records.codec import KINDS
from sestina.records.paths import ROOTS
from sestina.store.trees import Leaf

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def ids() -> SearchStrategy[str]:
    """Returns a strategy for ids that no bytes need have."""
    from hypothesis import strategies as st

    return st.binary(min_size=32, max_size=32).map(bytes.hex)


def file_names() -> SearchStrategy[bytes]:
    """Returns a strategy for single POSIX names, hostile ones included."""
    from hypothesis import strategies as st

    hostile = [
        b"-rf",
        b"\n",
        b"\xff\xfe",
        b"caf\xc3\xa9",
        b"cafe\xcc\x81",
        b"\\x0a",
        b"x" * 255,
        b" ",
    ]
    plain = st.binary(min_size=1, max_size=12).map(lambda raw: raw.translate(None, b"/\0"))
    return (st.sampled_from(hostile) | plain).filter(lambda name: name not in (b"", b".", b".."))


def words() -> SearchStrategy[str]:
    """Returns a strategy for names of models, tags and runs."""
    from hypothesis import strategies as st

    from sestina.records.names import RESERVED

    return st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True).filter(
        lambda w: w not in RESERVED
    )


def leaves() -> SearchStrategy[list[Leaf]]:
    """Returns a strategy for the leaves of one tree, in any order."""
    from hypothesis import strategies as st

    from sestina.kernel import escape

    path = st.lists(file_names(), min_size=1, max_size=4).map(b"/".join).map(escape.to_text)
    leaf = st.builds(
        lambda root, rest, mode, blob, size: Leaf(f"{root}:{rest}", mode, blob, size),
        st.sampled_from(ROOTS),
        path,
        st.sampled_from(["file", "exec", "link"]),
        ids(),
        st.integers(0, 2**40),
    )
    return st.lists(leaf, max_size=30).map(_without_contradictions)


def records() -> SearchStrategy[Any]:
    """Returns a strategy for records of every kind, as far as their types tell."""
    from hypothesis import strategies as st

    return st.sampled_from(sorted(KINDS)).flatmap(record)


def record(kind: str) -> SearchStrategy[Any]:
    """Returns a strategy for records of one kind."""
    import importlib

    module, _, name = KINDS[kind].partition(":")
    return _of(getattr(importlib.import_module(module), name))


def _of(annotation: Any) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    if isinstance(annotation, type) and is_dataclass(annotation):
        hints = typing.get_type_hints(annotation)
        return st.builds(annotation, **{f.name: _of(hints[f.name]) for f in fields(annotation)})
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return st.lists(_of(inside[0]), max_size=3).map(tuple)
    if origin is typing.Literal:
        return st.sampled_from(inside)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_of(part) for part in inside])
    plain: dict[Any, SearchStrategy[Any]] = {
        RecordId: ids(),
        BlobId: ids(),
        str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        int: st.integers(-MAX_INT, MAX_INT),
        bool: st.booleans(),
        type(None): st.none(),
    }
    return plain[annotation]


def _without_contradictions(leaves: list[Leaf]) -> list[Leaf]:
    """A name cannot be a file and a folder at once, nor two files."""
    kept: list[Leaf] = []
    files: set[str] = set()
    folders: set[str] = set()
    for leaf in leaves:
        parts = leaf.path.split("/")
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        if leaf.path not in files | folders and not above & files:
            kept.append(leaf)
            files.add(leaf.path)
            folders |= above
    return kept
