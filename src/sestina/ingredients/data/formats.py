"""Which format a data file has, and what shape its contents have.

Formats are recognised by their first bytes, then by the name. Files are hostile: nothing is
unpickled, sizes are bounded, and what cannot be read is said to be unreadable.
"""

from __future__ import annotations

import gzip
import io
import zlib
from typing import BinaryIO

from sestina.ingredients.data import arrays, columnar, database, tables
from sestina.ingredients.data.shape import Shape
from sestina.ingredients.numbers import size

MAX_READ = 64 << 20
"""Bytes. Bigger files are described by what stands at their start."""

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"ARROW1\0\0", "arrow"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\x93NUMPY", "npy"),
    (b"\x1f\x8b", "gzip"),
)
_BY_NAME = {
    "csv": "csv",
    "tsv": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "npz": "npz",
    "safetensors": "safetensors",
    "arrow": "arrow",
    "arrows": "arrow",
    "feather": "arrow",
}
_READERS = {
    "csv": tables.csv_shape,
    "tsv": tables.csv_shape,
    "jsonl": tables.jsonl_shape,
    "json": tables.json_shape,
    "npy": arrays.npy_shape,
    "npz": arrays.npz_shape,
    "safetensors": arrays.safetensors_shape,
    "sqlite": database.shape,
    "parquet": columnar.parquet_shape,
    "arrow": columnar.arrow_shape,
}


def format_of(name: str, start: bytes) -> str:
    """Returns the format of a file by its first bytes and its name.

    >>> format_of("trips.csv", b"a,b"), format_of("x", b"PAR1"), format_of("notes", b"hello")
    ('csv', 'parquet', 'text')
    """
    for magic, found in _MAGIC:
        if start.startswith(magic):
            return found
    suffix = name.rpartition("/")[2].rpartition(".")[2].lower()
    if suffix in _BY_NAME:
        return _BY_NAME[suffix]
    if "." in name and suffix.isalnum() and len(suffix) <= 10:
        return suffix
    return "binary" if b"\0" in start else "text"


def shape_of(name: str, stream: BinaryIO) -> Shape:
    """Returns the shape of a file, as much of it as can be read."""
    found = format_of(name, stream.read(16))
    stream.seek(0)
    if found == "gzip":
        return _gzip_shape(name, stream)
    reader = _READERS.get(found)
    if reader is None:
        return Shape(found)
    try:
        return reader(stream)
    except Exception as error:  # whatever a library says about a damaged file
        return Shape(found, remark=f"unreadable as {found}: {type(error).__name__}")


def unpacked(data: BinaryIO) -> bytes | None:
    """Returns the contents of a gzip file; None where it is damaged or over the bound."""
    try:
        with gzip.open(data) as stream:
            text = stream.read(MAX_READ + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return text if len(text) <= MAX_READ else None


def _gzip_shape(name: str, stream: BinaryIO) -> Shape:
    text = unpacked(stream)
    if text is None:
        return Shape("gzip", remark=f"damaged, or over {size(MAX_READ)} unpacked")
    inner = shape_of(name.removesuffix(".gz"), io.BytesIO(text))
    return Shape(f"{inner.format}.gz", inner.rows, inner.columns, inner.remark)
