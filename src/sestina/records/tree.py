"""A named list of files: one record per directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Mode = Literal["file", "exec", "link", "tree", "part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """One name in a directory.

    `name` is the escaped text of its raw bytes (kernel.escape). `id` is the blob of a file, the
    blob of a link's target bytes, or the record of a subdirectory. `size` counts bytes; for a
    subdirectory, those of every file below it.
    """

    name: str
    mode: Mode
    id: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One directory; entries sorted by the raw bytes of their names.

    A directory of many names is split: its entries are then all of mode `part`, named by a hex
    digit (store.trees says which), and the names lie in the trees that they point to.
    """

    KIND: ClassVar[str] = "tree"
    V: ClassVar[int] = 1
    entries: tuple[TreeEntry, ...]
