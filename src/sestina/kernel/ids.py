"""Ids: the SHA-256 of bytes, typed by what the bytes are."""

from __future__ import annotations

import hashlib
import re
from typing import NewType

BlobId = NewType("BlobId", str)
"""The SHA-256 of a file's uncompressed bytes, 64 lower-case hex digits: what `sha256sum` prints."""

RecordId = NewType("RecordId", str)
"""The SHA-256 of a record's canonical JSON, 64 lower-case hex digits."""

SHORT = 8
_ID = re.compile(r"[0-9a-f]{64}")


def sha256(data: bytes) -> str:
    """Returns the SHA-256 of `data` as 64 hex digits.

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def blob_id(data: bytes) -> BlobId:
    """Returns the id of a blob with these bytes."""
    return BlobId(sha256(data))


def record_id(data: bytes) -> RecordId:
    """Returns the id of a record whose canonical encoding is `data`."""
    return RecordId(sha256(data))


def is_id(text: str) -> bool:
    """Returns whether `text` has the form of a whole id."""
    return _ID.fullmatch(text) is not None


def short(identifier: str) -> str:
    """Returns the first 8 hex digits, as ids are shown to people."""
    return identifier[:SHORT]
