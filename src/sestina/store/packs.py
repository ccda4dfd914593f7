"""Packs: many members in one file, so that one commit costs one fsync and not one per member.

    "sestina pack 1\n"                       16 bytes with a closing zero byte
    the stored bytes of each member, one after the other
    the directory: 57 bytes for each member, sorted by id
        id 32 · offset u64 · stored length u64 · size u64 · encoding u8 (0 plain, 1 zstd)
    the tail: count u64 · offset of the directory u64 · "sestpak1"

Integers are little-endian. A pack is named by the SHA-256 of all its bytes; a member by the
SHA-256 of its own, uncompressed. How members lie in packs is never part of any identity.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from pathlib import Path
from typing import NamedTuple

from sestina.errors import Corrupt

MAGIC = b"sestina pack 1\n\0"
TAIL_MAGIC = b"sestpak1"
_MEMBER = struct.Struct("<32sQQQB")
_TAIL = struct.Struct("<QQ8s")
PLAIN, ZSTD = 0, 1

_WORTH_TRYING = 1024  # below this, loading the library costs more than the bytes saved
_PROBE = 8192
_LARGEST = 1 << 32
_SAVES = 0.95
_LEVEL = 1


class Member(NamedTuple):
    """Where a member lies in its pack, and how to get its bytes back."""

    id: str
    offset: int
    length: int
    size: int
    encoding: int


class PackWriter:
    """A pack that grows in a temporary file, and can be read while it grows."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.members: dict[str, Member] = {}
        self.length = len(MAGIC)
        self._file = path.open("x+b", buffering=1 << 20)
        self._file.write(MAGIC)
        self._hash = hashlib.sha256(MAGIC)

    def add(self, identifier: str, data: bytes) -> None:
        """Returns when the member is written (not yet durable)."""
        if identifier not in self.members:
            encoding, stored = encode(data)
            self.copy(Member(identifier, 0, len(stored), len(data), encoding), stored)

    def copy(self, member: Member, stored: bytes) -> None:
        """Returns when a member is written whose stored bytes are taken over as they are."""
        self._file.write(stored)
        self._hash.update(stored)
        self.members[member.id] = member._replace(offset=self.length)
        self.length += len(stored)

    def read(self, identifier: str) -> bytes:
        """Returns the bytes of a member that was added; raises KeyError for another."""
        member = self.members[identifier]
        self._file.flush()
        return decode(member, os.pread(self._file.fileno(), member.length, member.offset))

    def finish(self) -> str:
        """Returns the id of the pack, whose file is complete but not yet durable."""
        members = sorted(self.members.values())
        directory = b"".join(_packed(member) for member in members)
        end = directory + _TAIL.pack(len(members), self.length, TAIL_MAGIC)
        self._file.write(end)
        self._file.close()
        self._hash.update(end)
        return self._hash.hexdigest()

    def drop(self) -> None:
        """Returns when the temporary file is gone."""
        with contextlib.suppress(OSError):  # a full disk: the buffer need not be written
            self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink()


def encode(data: bytes) -> tuple[int, bytes]:
    """Returns how to store `data`, and the stored bytes: compressed only where that pays.

    The first 8 KB are tried alone, so that numbers that do not compress cost next to nothing.
    """
    if len(data) < _WORTH_TRYING:
        return PLAIN, data
    import zstandard

    compress = zstandard.ZstdCompressor(level=_LEVEL).compress
    if len(data) > 2 * _PROBE and len(compress(data[:_PROBE])) > _SAVES * _PROBE:
        return PLAIN, data
    stored = compress(data)
    return (ZSTD, stored) if len(stored) <= _SAVES * len(data) else (PLAIN, data)


def decode(member: Member, stored: bytes) -> bytes:
    """Returns the bytes of a member; raises Corrupt unless they are what the id says."""
    data = stored
    if member.encoding == ZSTD:
        import zstandard

        try:
            if zstandard.frame_content_size(stored) != member.size:
                raise damaged(member.id, "the compressed bytes tell another size")
            data = zstandard.ZstdDecompressor().decompress(stored)
        except zstandard.ZstdError as error:
            raise damaged(member.id, str(error)) from None
    elif member.encoding != PLAIN:
        raise damaged(member.id, f"encoding {member.encoding} is unknown")
    if hashlib.sha256(data).hexdigest() != member.id:
        raise damaged(member.id, "the bytes give another id")
    return data


def damaged(identifier: str, why: str) -> Corrupt:
    """Returns the error for bytes that are not what their id says."""
    return Corrupt(
        "corrupt/bytes", f"what is stored as {identifier} is damaged", why=why, hint="sestina check"
    )


def tail_length() -> int:
    """Returns how many bytes at the end of a pack tell where its directory is."""
    return _TAIL.size


def directory_span(tail: bytes, size: int) -> tuple[int, int]:
    """Returns offset and length of the directory; raises Corrupt for what is no pack's tail."""
    count, offset, magic = _TAIL.unpack(tail) if len(tail) == _TAIL.size else (0, 0, b"")
    if magic != TAIL_MAGIC or offset + count * _MEMBER.size + _TAIL.size != size:
        raise Corrupt("corrupt/pack", "a pack has no readable directory at its end")
    return offset, count * _MEMBER.size


def parse_directory(data: bytes, end: int) -> list[Member]:
    """Returns the members that a directory lists and that can lie before `end`, sorted by id.

    What cannot be is damage, or an attack on memory; `check` tells it by the id of the pack.
    """
    listed = [Member(name.hex(), *rest) for name, *rest in _MEMBER.iter_unpack(data)]
    return [
        member
        for member in listed
        if member.offset + member.length <= end and member.size <= _LARGEST
    ]


def _packed(member: Member) -> bytes:
    return _MEMBER.pack(bytes.fromhex(member.id), *member[1:])
