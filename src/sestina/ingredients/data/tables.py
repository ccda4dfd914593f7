"""Text tables: CSV and TSV (RFC 4180), JSON Lines, JSON."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from sestina.ingredients.data.shape import Columns, Shape
from sestina.ingredients.text import visible

SAMPLE = 1000
"""Rows that types are read from."""
MAX_READ = 64 << 20
MAX_JSON = 16 << 20
_DELIMITERS = "\t,;|"
_UNCOUNTED = "rows not counted: the file is too big"


def csv_rows(stream: BinaryIO) -> Iterator[list[str]]:
    """Yields the rows of a table, whatever its delimiter, quoting, line ends and encoding."""
    return csv.reader(_lines(stream), delimiter=delimiter(stream))


def delimiter(stream: BinaryIO) -> str:
    """Returns the delimiter: the one that occurs most in the first line."""
    head = next(_lines(io.BytesIO(_peek(stream))), "")
    best = max(_DELIMITERS, key=head.count)
    return best if best in head else ","


def csv_shape(stream: BinaryIO) -> Shape:
    """Returns rows and columns; the first row is the header unless a number stands in it."""
    rows = csv_rows(stream)
    found = "tsv" if delimiter(stream) == "\t" else "csv"
    sample = list(itertools.islice((row for row in rows if row), SAMPLE + 1))
    if not sample:
        return Shape(found, rows=0)
    header = not any(_type(cell) in ("int", "float") for cell in sample[0])
    names = sample[0] if header else [str(n) for n in range(1, len(sample[0]) + 1)]
    body = sample[1:] if header else sample
    columns = tuple(
        (visible(name), _common(_type(row[n]) for row in body if n < len(row)))
        for n, name in enumerate(names)
    )
    if _size(stream) > MAX_READ:
        return Shape(found, columns=columns, remark=_UNCOUNTED)
    return Shape(found, rows=len(body) + sum(1 for row in rows if row), columns=columns)


def jsonl_shape(stream: BinaryIO) -> Shape:
    """Returns how many lines there are, and the members of the first ones."""
    lines = (line for line in stream if line.strip())
    sample = [json.loads(line) for line in itertools.islice(lines, SAMPLE)]
    columns = _members(sample)
    if _size(stream) > MAX_READ:
        return Shape("jsonl", columns=columns, remark=_UNCOUNTED)
    return Shape("jsonl", rows=len(sample) + sum(1 for _ in lines), columns=columns)


def json_shape(stream: BinaryIO) -> Shape:
    """Returns the rows of a list of records; of anything else only that it is JSON."""
    if _size(stream) > MAX_JSON:
        return Shape("json", remark=_UNCOUNTED)
    value = json.loads(stream.read())
    if isinstance(value, list):
        return Shape("json", rows=len(value), columns=_members(value[:SAMPLE]))
    return Shape("json")


def _members(rows: Iterable[Any]) -> Columns:
    types: dict[str, list[str]] = {}
    for row in rows:
        if isinstance(row, dict):
            for name, value in row.items():
                types.setdefault(name, []).append(_json_type(value))
    return tuple((visible(name), _common(found)) for name, found in types.items())


def _json_type(value: Any) -> str:
    names = {bool: "bool", int: "int", float: "float", str: "text", list: "list", dict: "object"}
    return names.get(type(value), "")


def _type(cell: str) -> str:
    text = cell.strip()
    if not text:
        return ""
    if text.lower() in ("true", "false"):
        return "bool"
    for kind, read in (("int", int), ("float", float)):
        try:
            read(text)
        except ValueError:
            continue
        return kind
    return "text"


def _common(types: Iterable[str]) -> str:
    found = set(types) - {""}
    if len(found) == 1:
        return found.pop()
    if found == {"int", "float"}:
        return "float"
    return "mixed" if found & {"list", "object"} else "text" if found else "empty"


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Yields lines with their ends; bytes that are not UTF-8 stay distinct from one another."""
    start = _peek(stream)
    stream.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from io.StringIO(stream.read(MAX_READ).decode("utf-16", "replace"), newline="")
        return
    for line in stream:
        yield line.decode("utf-8", "surrogateescape")


def _peek(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read(1 << 16)


def _size(stream: BinaryIO) -> int:
    at = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(at)
    return size
