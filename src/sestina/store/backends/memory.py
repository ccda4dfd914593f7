"""A repo that lives as long as its process; for tests."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import BinaryIO

from sestina.store.backend import checked, checked_prefix, missing, taken


class MemoryBackend:
    """Keys in a dictionary, behind a lock: threads share a repo."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        data = self._find(key)
        return data[start : None if length is None else start + length]

    def put(self, key: str, source: bytes | Path) -> None:
        data = source if isinstance(source, bytes) else source.read_bytes()
        with self._lock:
            if checked(key) in self._held:
                raise taken(key)
            self._held[key] = data
        if isinstance(source, Path):
            source.unlink()

    def size(self, key: str) -> int | None:
        data = self._held.get(checked(key))
        return None if data is None else len(data)

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self._find(key))

    def keys(self, prefix: str) -> list[str]:
        checked_prefix(prefix)
        return sorted(key for key in list(self._held) if key.startswith(prefix))

    def delete(self, key: str) -> None:
        self._held.pop(checked(key), None)

    def _find(self, key: str) -> bytes:
        try:
            return self._held[checked(key)]
        except KeyError:
            raise missing(key) from None
