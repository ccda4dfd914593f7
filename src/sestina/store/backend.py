"""Where bytes lie: six methods that a local disk, memory and an object store can all keep.

A key is a relative path of plain words: `journal/00000001.json`. What a key holds never changes:
`put` creates and fails where the key exists (link() on a disk, a conditional PUT in a bucket),
which is the only operation that decides between two writers.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, Protocol

from sestina.errors import Bug, Conflict, NotFound

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


class Backend(Protocol):
    """A place for bytes. `sestina.testing.backends` holds the suite that every one passes."""

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Returns the bytes of `key` from `start`, at most `length` of them; raises NotFound."""

    def put(self, key: str, source: bytes | Path) -> None:
        """Returns when `source` is durable under `key`; raises Conflict where the key exists.

        A path is a finished file in the scratch folder of the repo; it is gone afterwards.
        """

    def size(self, key: str) -> int | None:
        """Returns how many bytes `key` holds, None where it does not exist."""

    def open(self, key: str) -> BinaryIO:
        """Returns a seekable stream over the bytes of `key`; raises NotFound."""

    def keys(self, prefix: str) -> list[str]:
        """Returns the sorted keys below `prefix`, which is empty or ends with a slash."""

    def delete(self, key: str) -> None:
        """Returns when `key` is gone, also where it never was."""


def checked(key: str) -> str:
    """Returns `key`; raises Bug for one that could lead out of the repo."""
    if _KEY.fullmatch(key) is None:
        raise Bug("bug/key", f"{key!r} is not a key")
    return key


def checked_prefix(prefix: str) -> str:
    """Returns `prefix`; raises Bug unless it is empty or a folder of keys."""
    if prefix and (not prefix.endswith("/") or _KEY.fullmatch(prefix[:-1]) is None):
        raise Bug("bug/key", f"{prefix!r} is not a prefix of keys")
    return prefix


def missing(key: str) -> NotFound:
    """Returns the error for a key that does not exist."""
    return NotFound("not-found/key", f"the repo holds nothing under '{key}'")


def taken(key: str) -> Conflict:
    """Returns the error for a key that somebody else created first."""
    return Conflict("conflict/key", f"'{key}' exists already")
