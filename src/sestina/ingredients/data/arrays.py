"""Headers of array files; the arrays themselves are not read, and nothing is unpickled.

NPY: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
Safetensors: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import ast
import json
import zipfile
from typing import IO, BinaryIO

from sestina.ingredients.data.shape import Shape
from sestina.ingredients.text import visible

MAX_NPY_HEADER = 64 << 10
MAX_TENSORS_HEADER = 16 << 20
MAX_MEMBERS = 10_000


def npy_shape(stream: BinaryIO) -> Shape:
    """Returns the type of an array and the length of its first axis."""
    kind, axes = _npy_header(stream)
    return Shape("npy", rows=axes[0] if axes else None, columns=(("array", _told(kind, axes)),))


def npz_shape(stream: BinaryIO) -> Shape:
    """Returns the arrays of a zip of arrays."""
    with zipfile.ZipFile(stream) as archive:
        columns = []
        for member in archive.infolist()[:MAX_MEMBERS]:
            with archive.open(member) as held:
                name = visible(member.filename.removesuffix(".npy"))
                columns.append((name, _told(*_npy_header(held))))
    return Shape("npz", columns=tuple(columns))


def safetensors_shape(stream: BinaryIO) -> Shape:
    """Returns the tensors with their types and shapes."""
    length = int.from_bytes(stream.read(8), "little")
    if length > MAX_TENSORS_HEADER:
        raise ValueError("a header of this length is not read")
    header = json.loads(stream.read(length))
    columns = [
        (visible(name), f"{held['dtype']} {held['shape']}")
        for name, held in header.items()
        if name != "__metadata__"
    ]
    return Shape("safetensors", columns=tuple(columns))


def _npy_header(stream: IO[bytes]) -> tuple[str, tuple[int, ...]]:
    start = stream.read(8)
    if start[:6] != b"\x93NUMPY":
        raise ValueError("not an array")
    length = int.from_bytes(stream.read(2 if start[6] == 1 else 4), "little")
    if length > MAX_NPY_HEADER:
        raise ValueError("a header of this length is not read")
    header = ast.literal_eval(stream.read(length).decode("utf-8").strip())
    return _kind(header["descr"]), tuple(int(axis) for axis in header["shape"])


def _kind(description: object) -> str:
    if isinstance(description, list):
        return ", ".join(f"{field[0]}: {_kind(field[1])}" for field in description)
    word = str(description)
    if word.endswith("O"):
        return "objects (pickled, never read)"
    return visible(word.lstrip("|<>="))


def _told(kind: str, axes: tuple[int, ...]) -> str:
    return f"{kind} {list(axes)}"
