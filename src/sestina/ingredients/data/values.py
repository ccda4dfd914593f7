"""Whether two data files hold the same values in other bytes."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import zip_longest
from typing import Any

from sestina.ingredients.data import columnar, database, tables
from sestina.ingredients.data.formats import MAX_READ, format_of, unpacked
from sestina.ingredients.text import same_text


def same_values(name: str, a: bytes, b: bytes) -> bool:
    """Returns whether quoting, order of keys, line ends, compression… are all that differs.

    False where it is not known: a damaged file, one over 64 MiB, a format nobody here reads.
    """
    form = format_of(name, a)
    if form != format_of(name, b) or max(len(a), len(b)) > MAX_READ:
        return False
    try:
        return _same(form, name, a, b)
    except Exception:  # whatever a library says about a damaged file
        return False


def _same(form: str, name: str, a: bytes, b: bytes) -> bool:
    if form in ("csv", "tsv"):
        old, new = io.BytesIO(a), io.BytesIO(b)
        if tables.delimiter(old) != tables.delimiter(new):
            return False
        return _all_equal(tables.csv_rows(old), tables.csv_rows(new))
    if form == "jsonl":
        return _all_equal(map(_canonical, a.splitlines()), map(_canonical, b.splitlines()))
    if form == "json":
        return max(len(a), len(b)) <= tables.MAX_JSON and _canonical(a) == _canonical(b)
    if form == "npz":
        return _members(a) == _members(b)
    if form == "sqlite":
        return _all_equal(database.statements(a), database.statements(b))
    if form in ("parquet", "arrow"):
        return columnar.same_tables(form, a, b)
    if form == "gzip":
        old_text, new_text = unpacked(io.BytesIO(a)), unpacked(io.BytesIO(b))
        if old_text is None or new_text is None:
            return False
        inner = name.removesuffix(".gz")
        return old_text == new_text or same_values(inner, old_text, new_text)
    return same_text(a, b)


_NOTHING = object()


def _all_equal(old: Any, new: Any) -> bool:
    return all(left == right for left, right in zip_longest(old, new, fillvalue=_NOTHING))


def _canonical(text: bytes) -> str:
    """Returns JSON with sorted keys; 1, 1.0 and true stay three values."""
    if not text.strip():
        return ""
    return json.dumps(json.loads(text, object_pairs_hook=_once), sort_keys=True)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("a key occurs twice, and readers differ in which one they take")
    return held


def _members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_READ:
            raise ValueError("over the bound")
        return sorted((member.filename, archive.read(member)) for member in members)
