"""A drawer: members in packs under one prefix, those of the open commit included.

Blobs and records have a drawer each, so that a user's file can never pose as a record.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from sestina.errors import Conflict, Corrupt, NotFound
from sestina.store import packs
from sestina.store.backend import Backend
from sestina.store.backends.local import told
from sestina.store.index import PackIndex, pack_key
from sestina.store.packs import PackWriter
from sestina.store.sqlitefile import SqliteFile

FULL = 256 << 20


class Drawer:
    """What is added is pending until `flush`; `drop` forgets it."""

    def __init__(self, backend: Backend, index: SqliteFile, prefix: str, scratch: Path) -> None:
        self.prefix = prefix
        self.index = PackIndex(index, backend, prefix)
        self._backend = backend
        self._scratch = scratch
        self._open: list[PackWriter] = []
        self._lock = threading.Lock()

    def add(self, identifier: str, data: bytes) -> None:
        """Returns when the bytes are in the open pack; raises Unavailable on a full disk."""
        try:
            with self._lock:
                if not self._open or self._open[-1].length > FULL:
                    self._open.append(PackWriter(self._scratch / tmp_name("pack")))
                self._open[-1].add(identifier, data)
        except OSError as error:
            raise told(os.fspath(self._scratch), error) from error

    def has(self, identifier: str) -> bool:
        """Returns whether the member is pending or in a pack."""
        if self.is_pending(identifier):
            return True
        self.index.refresh(once=True)
        return bool(self.index.find(identifier))

    def held(self, identifiers: Iterable[str]) -> set[str]:
        """Returns those of the ids that are in a pack; as `has`, for many at once."""
        self.index.refresh(once=True)
        return self.index.held(identifiers)

    def is_pending(self, identifier: str) -> bool:
        """Returns whether the member was added and not yet flushed."""
        return any(identifier in pack.members for pack in self._open)

    def size(self, identifier: str) -> int | None:
        """Returns the uncompressed size of a member, None where there is none."""
        for pack in self._open:
            if identifier in pack.members:
                return pack.members[identifier].size
        found = self._look(identifier)
        return found[0][1].size if found else None

    def read(self, identifier: str) -> bytes | None:
        """Returns the verified bytes of a member, None where there is none; raises Corrupt.

        Every copy is tried. A pack may be rewritten between look-up and read, so a read that
        finds none looks again once.
        """
        for pack in self._open:
            if identifier in pack.members:
                with self._lock:
                    return pack.read(identifier)
        for again in (False, True):
            first: Corrupt | None = None
            for key, member in self._look(identifier, again=again):
                try:
                    stored = self._backend.get(key, member.offset, member.length)
                    return packs.decode(member, stored)
                except NotFound:
                    continue
                except Corrupt as error:
                    first = first or error
            if first is not None:
                raise first
        return None

    def starting_with(self, prefix: str, limit: int) -> list[str]:
        """Returns sorted ids that start with these hex digits, at most about `limit`."""
        self.index.refresh()
        pending = {i for pack in self._open for i in pack.members if i.startswith(prefix)}
        return sorted(pending | set(self.index.starting_with(prefix, limit)))

    def flush(self) -> None:
        """Returns when everything pending is durable: one pack, one fsync."""
        while self._open:
            pack = self._open[0]
            try:
                key = pack_key(self.prefix, pack.finish())
            except OSError as error:
                raise told(os.fspath(self._scratch), error) from error
            try:
                self._backend.put(key, pack.path)
            except Conflict:  # the same members, packed by another commit
                pack.drop()
            self.index.add(key, pack.members.values())
            del self._open[0]

    def drop(self) -> None:
        """Returns when nothing is pending."""
        while self._open:
            self._open.pop().drop()

    def _look(self, identifier: str, *, again: bool = False) -> list[tuple[str, packs.Member]]:
        found = [] if again else self.index.find(identifier)
        if not found:
            self.index.refresh()
            found = self.index.find(identifier)
        return found


def tmp_name(what: str) -> str:
    """Returns a name for a temporary file that no other process uses."""
    return f"{what}-{os.getpid()}-{os.urandom(8).hex()}"
