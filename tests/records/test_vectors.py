"""The published vectors: one value, its canonical bytes and its id, for every kind of record.

`SESTINA_ACCEPT=1` writes them anew. They change only with a new version of a kind.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from sestina.records import codec
from sestina.records.tree import Tree, TreeEntry

IDS = {"id", "record", "prev", "evidence", "origin", "content"}
FOLDER = Path(__file__).parents[1] / "golden" / "vectors"


def text(member: str) -> str:
    """A text with what encoders get wrong: quotes, a control character, a letter beyond ASCII."""
    return f'{member} "é" \\\\x0a \t 𝄞 /'


def example(cls: type, fill: Callable[[str, Any], Any]) -> Any:
    hints = typing.get_type_hints(cls)
    return cls(**{f.name: fill(f.name, hints[f.name]) for f in fields(cls)})


def full(member: str, kind: Any) -> Any:
    """Every list has two elements, nothing that may be null is."""
    if isinstance(kind, type) and is_dataclass(kind):
        return example(kind, full)
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return tuple(full(f"{member}-{place}", inside[0]) for place in range(2))
    if origin is typing.Literal:
        return inside[-1]
    if inside:
        return full(member, inside[0])
    plain = member.partition("-")[0]
    if getattr(kind, "__name__", "") in ("RecordId", "BlobId") or plain in IDS:
        return hashlib.sha256(member.encode()).hexdigest()
    return {bool: True, int: 2**53 - 1, str: text(member)}[kind]


def empty(member: str, kind: Any) -> Any:
    """Every list is empty, everything that may be null is."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return ()
    if origin is not typing.Literal and type(None) in inside:
        return None
    if isinstance(kind, type) and is_dataclass(kind):
        return example(kind, empty)
    return {bool: False, int: 0, str: ""}.get(kind, full(member, kind))


def cases(kind: str) -> list[Any]:
    module, _, name = codec.KINDS[kind].partition(":")
    cls = getattr(importlib.import_module(module), name)
    made = [example(cls, empty), example(cls, full)]
    if cls is Tree:
        names = ("-rf", "a\\x0ab", "caf\u00e9", "cafe\u0301", "\\xff\\xfe", "\\\\x0a")
        entries = [TreeEntry(name=name, mode="exec", id="0" * 64, size=1) for name in names]
        made.append(Tree(entries=tuple(entries)))
    return made


def described(record: Any) -> dict[str, Any]:
    data = codec.encode(record)
    return {
        "value": json.loads(data),
        "canonical": data.decode(),
        "hex": data.hex(),
        "id": hashlib.sha256(data).hexdigest(),
    }


@pytest.mark.parametrize("kind", sorted(codec.KINDS))
def test_the_bytes_and_ids_of_every_kind_are_the_published_ones(kind: str) -> None:
    file = FOLDER / f"{kind}.json"
    made = {"kind": kind, "cases": [described(record) for record in cases(kind)]}
    if os.environ.get("SESTINA_ACCEPT"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(file.read_text("utf-8")) == made


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_the_published_vectors_hold_by_json_and_sha256_alone(file: Path) -> None:
    published = json.loads(file.read_text("utf-8"))
    assert published["kind"] == file.stem in codec.KINDS
    for case in published["cases"]:
        data = bytes.fromhex(case["hex"])
        tight = json.dumps(case["value"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert data == case["canonical"].encode() == tight.encode()
        assert case["id"] == hashlib.sha256(data).hexdigest()
        assert codec.encode(codec.decode_any(data)) == data


def test_every_kind_is_published() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(codec.KINDS)
