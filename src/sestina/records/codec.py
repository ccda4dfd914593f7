"""Records as bytes: canonical JSON with the record's kind and version inside.

A record is valid if and only if re-encoding it gives the same bytes; that also refuses members
that this version does not know, which the JSON library alone would let pass.
"""

from __future__ import annotations

import importlib
from typing import Any, TypeVar

from sestina.errors import Corrupt, Unsupported
from sestina.kernel import canon
from sestina.kernel.ids import RecordId, record_id

T = TypeVar("T")

KINDS = {
    "code": "sestina.records.ingredient:CodeRecord",
    "data": "sestina.records.ingredient:DataRecord",
    "features": "sestina.records.ingredient:FeaturesRecord",
    "params": "sestina.records.ingredient:ParamsRecord",
    "env": "sestina.records.ingredient:EnvRecord",
    "seed": "sestina.records.ingredient:SeedRecord",
    "tree": "sestina.records.tree:Tree",
    "recipe": "sestina.records.recipe:Recipe",
    "run": "sestina.records.run:Run",
    "facts": "sestina.records.facts:Facts",
    "version": "sestina.records.version:Version",
    "note": "sestina.records.version:Note",
    "entry": "sestina.records.entry:Entry",
}
"""Every kind of record, and the class that holds it (imported on first use, for a fast start)."""


def encode(record: Any) -> bytes:
    """Returns the canonical bytes of `record`, the ones its id is taken from."""
    import msgspec

    fields = msgspec.to_builtins(record)
    return canon.encode({"kind": record.KIND, "v": record.V, **fields})


def identify(record: Any) -> RecordId:
    """Returns the id of `record` without storing it."""
    return record_id(encode(record))


def decode(data: bytes, cls: type[T]) -> T:
    """Returns the record in `data`.

    Raises Corrupt where the bytes are not the canonical encoding of a `cls`, and Unsupported
    where they are a later version of that kind.
    """
    import msgspec

    name: str = cls.KIND  # type: ignore[attr-defined]
    known: int = cls.V  # type: ignore[attr-defined]
    try:
        value = canon.decode(data)
        kind, version = value.pop("kind"), value.pop("v")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(name, error) from None
    if kind != name:
        raise Corrupt("corrupt/record", f"a {name} record was asked for, a {kind!r} found")
    if version != known:
        raise Unsupported(
            "unsupported/record",
            f"a {name} record has version {version}",
            why=f"this sestina reads version {known}",
            hint="pip install --upgrade sestina",
        )
    try:
        record = msgspec.convert(value, cls)
    except msgspec.ValidationError as error:
        raise _unreadable(name, error) from None
    if encode(record) != data:
        raise Corrupt("corrupt/record", f"a {name} record has members that its kind does not have")
    return record


def _unreadable(name: str, error: Exception) -> Corrupt:
    return Corrupt("corrupt/record", f"a record of kind {name} cannot be read", why=str(error))


def decode_any(data: bytes) -> Any:
    """Returns the record in `data`, of whichever kind it says it is."""
    try:
        kind = canon.decode(data)["kind"]
        where = KINDS[kind]
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt("corrupt/record", "a record cannot be read", why=str(error)) from None
    module, name = where.split(":")
    return decode(data, getattr(importlib.import_module(module), name))
