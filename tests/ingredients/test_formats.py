"""Formats of data: recognised by their bytes, read without running anything, however damaged."""

from __future__ import annotations

import gzip
import io
import pickle
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy
import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from sestina.ingredients.data import columnar
from sestina.ingredients.data.formats import shape_of
from sestina.ingredients.data.shape import Shape
from sestina.ingredients.data.values import same_values

TABLE = pyarrow.table({"id": [1, 2, 3], "fare": [1.5, None, 2.0]})


def shape(name: str, data: bytes) -> Shape:
    return shape_of(name, io.BytesIO(data))


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    held = io.BytesIO()
    save(held)
    return held.getvalue()


def database(tmp_path: Path, journal: str = "delete") -> bytes:
    path = tmp_path / "trips.db"
    held = sqlite3.connect(path)
    held.execute(f"PRAGMA journal_mode = {journal}")
    held.execute('CREATE TABLE "tri""ps" (id INTEGER, fare REAL)')
    held.execute("CREATE TABLE zones (name TEXT)")
    held.execute("CREATE VIEW trap AS SELECT load_extension('x')")
    held.executemany('INSERT INTO "tri""ps" VALUES (?, ?)', [(1, 2.5), (2, 3.0)])
    held.commit()
    held.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "rows", "columns"),
    [
        ("a.csv", b"id,fare\n1,2.5\n2,3\n", 2, (("id", "int"), ("fare", "float"))),
        ("a.csv", b"1,2\n3,4\n", 2, (("1", "int"), ("2", "int"))),
        ("a.csv", b'a;b\n"x;\ny";true\n', 1, (("a", "text"), ("b", "bool"))),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), 1, (("a", "int"), ("b", "int"))),
        ("a.csv", b"", 0, ()),
        ("a.tsv", b"a\tb,c\n1\t\n", 1, (("a", "int"), ("b,c", "empty"))),
        ("a.jsonl", b'{"a": 1}\n\n{"a": 2.5, "b": [1]}\n', 2, (("a", "float"), ("b", "list"))),
        ("a.json", b'[{"a": "x"}, {"a": null}]', 2, (("a", "text"),)),
        ("a.json", b'{"a": 1}', None, ()),
    ],
)  # fmt: skip
def test_tables_of_text(
    name: str, data: bytes, rows: int | None, columns: tuple[tuple[str, str], ...]
) -> None:
    found = shape(name, data)
    assert (found.rows, found.columns, found.remark) == (rows, columns, None)


def test_parquet_and_arrow() -> None:
    columns = (("id", "int64"), ("fare", "double"))
    parquet = saved(lambda to: pyarrow.parquet.write_table(TABLE, to))
    assert shape("x", parquet) == Shape("parquet", 3, columns)
    feather = saved(lambda to: pyarrow.feather.write_feather(TABLE, to))
    assert shape("x.feather", feather) == Shape("arrow", 3, columns)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    assert shape("x.arrow", sink.getvalue().to_pybytes()) == Shape("arrow", 3, columns)


def test_parquet_without_the_library_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "is_installed", lambda: False)
    found = shape("x.parquet", b"PAR1....")
    assert (found.format, found.rows) == ("parquet", None)
    assert found.remark is not None
    assert "sestina[data]" in found.remark


def test_arrays_and_tensors() -> None:
    array = numpy.zeros((3, 4), dtype="float32")
    npy = saved(lambda to: numpy.save(to, array))
    assert shape("x.npy", npy) == Shape("npy", 3, (("array", "f4 [3, 4]"),))
    npz = saved(lambda to: numpy.savez_compressed(to, x=array, y=numpy.arange(2)))
    assert shape("x.npz", npz) == Shape("npz", None, (("x", "f4 [3, 4]"), ("y", "i8 [2]")))
    tensors = safetensors.numpy.save({"w": array})
    assert shape("m.safetensors", tensors) == Shape("safetensors", None, (("w", "F32 [3, 4]"),))


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("it was unpickled",))


def test_arrays_of_objects_are_named_and_never_read() -> None:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    npy = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + pickle.dumps(Bomb())
    assert shape("x.npy", npy).columns == (("array", "objects (pickled, never read) [1]"),)
    assert shape("x.pkl", pickle.dumps(Bomb())) == Shape("pkl")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_databases_are_read_from_a_copy(tmp_path: Path, journal: str) -> None:
    found = shape("trips.db", database(tmp_path, journal))
    assert (found.format, found.rows) == ("sqlite", 2)
    assert found.columns == (
        ('tri"ps.id', "INTEGER"), ('tri"ps.fare', "REAL"), ("zones.name", "TEXT"),
    )  # fmt: skip


def test_a_packed_table_is_read_through() -> None:
    found = shape("a.csv.gz", gzip.compress(b"a\n1\n"))
    assert (found.format, found.rows) == ("csv.gz", 1)


def test_compression_and_chunks_are_cosmetic(tmp_path: Path) -> None:
    for name, one, other in (
        ("x.parquet",
         saved(lambda to: pyarrow.parquet.write_table(TABLE, to, compression="none")),
         saved(lambda to: pyarrow.parquet.write_table(TABLE, to, row_group_size=1))),
        ("x.npz", saved(lambda to: numpy.savez(to, x=numpy.ones(9))),
         saved(lambda to: numpy.savez_compressed(to, x=numpy.ones(9)))),
        ("x.csv.gz", gzip.compress(b"a\n1\n", mtime=1), gzip.compress(b"a\r\n1\r\n", mtime=2)),
        ("x.db", database(tmp_path), vacuumed(tmp_path)),
    ):  # fmt: skip
        assert one != other, name
        assert same_values(name, one, other), name


def vacuumed(tmp_path: Path) -> bytes:
    held = sqlite3.connect(tmp_path / "trips.db")
    held.execute("PRAGMA page_size = 8192")
    held.execute("VACUUM")
    held.close()
    return (tmp_path / "trips.db").read_bytes()


def test_one_other_value_is_not_cosmetic(tmp_path: Path) -> None:
    old = database(tmp_path)
    held = sqlite3.connect(tmp_path / "trips.db")
    held.execute("INSERT INTO zones VALUES ('x')")
    held.commit()
    held.close()
    assert not same_values("x.db", old, (tmp_path / "trips.db").read_bytes())
    other = TABLE.set_column(0, "id", pyarrow.array([1, 2, 4]))
    tables = [saved(lambda to, t=t: pyarrow.parquet.write_table(t, to)) for t in (TABLE, other)]
    assert not same_values("x.parquet", *tables)


NAMES = st.sampled_from(
    ["a.csv", "a.jsonl", "a.json", "a.npy", "a.npz", "a.safetensors", "a.parquet", "a.arrow",
     "a.db", "a.csv.gz", "a", "a.txt"]
)  # fmt: skip
HEADS = st.sampled_from(
    [b"", b"PAR1", b"ARROW1\0\0", b"SQLite format 3\0", b"\x93NUMPY\x01\0\xff\xff",
     b"\x1f\x8b\x08\0", b"PK\3\4", b"\xff" * 8, b'{"a":', b"\xff\xfe"]
)  # fmt: skip


@given(NAMES, HEADS, st.binary(max_size=60))
def test_damaged_files_are_told_and_never_stop_anything(
    name: str, head: bytes, rest: bytes
) -> None:
    found = shape(name, head + rest)
    assert found.format
    assert (found.remark or "").isprintable()
    assert not same_values(name, head + rest, head + rest + b"\0x") or rest == b""


def test_a_zip_bomb_is_not_unpacked() -> None:
    packed = gzip.compress(b"\0" * (65 << 20))
    found = shape("a.csv.gz", packed)
    assert found.remark is not None
    assert found.rows is None
    bomb = saved(lambda to: zipped(to, b"\0" * (65 << 20)))
    assert not same_values("x.npz", bomb, bomb + b"\0")


def zipped(to: io.BytesIO, data: bytes) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", data)


def test_a_header_that_claims_gigabytes_is_not_believed() -> None:
    assert shape("m.safetensors", b"\xff" * 7 + b"\x7f{}").remark == (
        "unreadable as safetensors: ValueError"
    )
    version_2 = b"\x93NUMPY\x02\x00\xff\xff\xff\x7f"
    assert shape("x.npy", version_2).remark == "unreadable as npy: ValueError"
