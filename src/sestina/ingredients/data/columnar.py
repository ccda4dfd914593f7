"""Parquet and Arrow, by pyarrow where it is installed (`pip install 'sestina[data]'`)."""

from __future__ import annotations

import importlib.util
import io
from typing import Any, BinaryIO

from sestina.ingredients.data.shape import Shape
from sestina.ingredients.text import visible

_UNKNOWN = "rows and columns unknown without sestina[data]"


def parquet_shape(stream: BinaryIO) -> Shape:
    """Returns rows and columns, from the footer alone."""
    if not is_installed():
        return Shape("parquet", remark=_UNKNOWN)
    import pyarrow.parquet

    held = pyarrow.parquet.ParquetFile(stream)
    return _shape("parquet", held.schema_arrow, held.metadata.num_rows)


def arrow_shape(stream: BinaryIO) -> Shape:
    """Returns rows and columns of an Arrow file or stream, Feather version 2 included."""
    if not is_installed():
        return Shape("arrow", remark=_UNKNOWN)
    reader = _arrow_reader(stream)
    return _shape("arrow", reader.schema, sum(batch.num_rows for batch in _batches(reader)))


def same_tables(form: str, a: bytes, b: bytes) -> bool:
    """Returns whether two files hold equal tables, whatever their compression and chunks."""
    if not is_installed():
        return False
    import pyarrow
    import pyarrow.parquet

    def table(data: bytes) -> Any:
        if form == "parquet":
            return pyarrow.parquet.ParquetFile(io.BytesIO(data)).read()
        return pyarrow.Table.from_batches(
            _batches(reader := _arrow_reader(io.BytesIO(data))), reader.schema
        )

    old, new = table(a), table(b)
    return bool(old.schema.equals(new.schema) and old.equals(new))


def is_installed() -> bool:
    """Returns whether pyarrow can be imported."""
    return importlib.util.find_spec("pyarrow") is not None


def _arrow_reader(stream: BinaryIO) -> Any:
    import pyarrow.ipc

    start = stream.read(8)
    stream.seek(0)
    if start.startswith(b"ARROW1"):
        return pyarrow.ipc.open_file(stream)
    return pyarrow.ipc.open_stream(stream)


def _batches(reader: Any) -> list[Any]:
    count = getattr(reader, "num_record_batches", None)
    if count is None:
        return list(reader)
    return [reader.get_batch(n) for n in range(count)]


def _shape(form: str, schema: Any, rows: int) -> Shape:
    columns = tuple((visible(field.name), visible(str(field.type))) for field in schema)
    return Shape(form, rows=rows, columns=columns)
