"""Kernel locks: they die with their process, so no lock is ever stale."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from pathlib import Path

from sestina.errors import Conflict
from sestina.store.backends.local import explained

_PAUSE_SECONDS = 0.02


class Lock:
    """A flock on the file at `path`, held until `release` or the end of the process.

    A process that is forked without exec shares the lock; it is free when the last one ends.
    """

    def __init__(self, path: Path, *, shared: bool = False, wait_seconds: float = 0.0) -> None:
        with explained(os.fspath(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self.path = path
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self.release()
                    raise Conflict(
                        "conflict/locked",
                        f"'{path.name}' is in use by another sestina",
                        why=f"it did not finish within {wait_seconds:g} seconds",
                    ) from None
            time.sleep(_PAUSE_SECONDS)

    def release(self) -> None:
        """Returns when others may have the lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Turn:
    """Many writers at once, or one that is alone. `path` None: nobody else can be there."""

    wait_seconds = 60.0

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock: Lock | None = None
        self._is_alone = False
        self._threads = threading.Lock()

    @property
    def is_taken(self) -> bool:
        """Returns whether this process writes now."""
        return self._lock is not None

    def take(self) -> None:
        """Returns when no other writer is alone; raises Conflict after a minute."""
        with self._threads:
            if self._lock is None and self._path is not None:
                self._lock = Lock(self._path, shared=True, wait_seconds=self.wait_seconds)

    def take_alone(self) -> None:
        """Returns when there is no other writer; raises Conflict after a minute."""
        self.give_back()
        if self._path is not None:
            self._lock = Lock(self._path, wait_seconds=self.wait_seconds)
        self._is_alone = True

    def stop_being_alone(self) -> None:
        """Returns when others may write."""
        self._is_alone = False
        self.give_back()

    def give_back(self) -> None:
        """Returns when this process holds nobody up, unless it is alone on purpose."""
        if self._lock is not None and not self._is_alone:
            self._lock.release()
            self._lock = None

    def sweep(self, scratch: Path) -> None:
        """Returns when what killed writers left in `scratch` is gone, unless anybody writes now."""
        if self._path is None or self._is_alone or not scratch.is_dir() or not os.listdir(scratch):
            return
        try:
            lock = Lock(self._path)
        except Conflict:
            return
        try:
            empty(scratch)
        finally:
            lock.release()


def empty(folder: Path) -> None:
    """Returns when nothing is left in `folder`; for whoever knows that nobody writes there."""
    import shutil

    if folder.is_dir():
        for item in list(os.scandir(folder)):
            if item.is_dir(follow_symlinks=False):
                shutil.rmtree(item.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(item.path)
