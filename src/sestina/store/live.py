"""Runs still going: a folder each, under a lock that lives as long as their supervisor."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sestina.errors import Conflict
from sestina.store.backends.local import explained
from sestina.store.locks import Lock

_LOCK = "lock"
_INFO = "info.json"
_UNBORN = "new-"


class Live:
    """A run that is going, or one whose supervisor died and that is now ours to seal.

    `folder` takes whatever the supervisor writes; `info` is what `begin` was given.
    """

    def __init__(self, folder: Path, info: dict[str, Any], lock: Lock) -> None:
        self.folder = folder
        self.id = folder.name
        self.info = info
        self._lock = lock

    def close(self) -> None:
        """Returns when the folder is gone: the run is sealed, or nothing of it is worth keeping."""
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def release(self) -> None:
        """Returns when others may seal it; the folder stays."""
        self._lock.release()


class LiveRuns:
    """The `live/` folder of a repo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, info: dict[str, Any]) -> Live:
        """Returns a new live run that holds its lock; raises Unavailable."""
        made = self._folder / f"{_UNBORN}{os.urandom(8).hex()}"
        with explained(os.fspath(self._folder)):
            made.mkdir(parents=True)
            (made / _INFO).write_text(json.dumps(info), "utf-8")
            lock = Lock(made / _LOCK)
            folder = self._folder / os.urandom(8).hex()
            # Locked before it has its name: nobody can find it and take it for stale.
            made.rename(folder)
        return Live(folder, info, lock)

    def stale(self) -> list[Live]:
        """Returns the runs whose supervisor died, oldest first, each locked for whoever asked."""
        return [live for folder in self._all() if (live := self._claim(folder)) is not None]

    def going(self) -> list[str]:
        """Returns the ids of the runs whose supervisor lives."""
        ids = []
        for folder in self._all():
            live = self._claim(folder)
            if live is None:
                ids.append(folder.name)
            else:
                live.release()
        return ids

    def _all(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        folders = [
            folder
            for folder in self._folder.iterdir()
            if not folder.name.startswith(_UNBORN) and (folder / _LOCK).is_file()
        ]
        return sorted(folders, key=lambda folder: (folder.stat().st_mtime_ns, folder.name))

    def _claim(self, folder: Path) -> Live | None:
        try:
            lock = Lock(folder / _LOCK)
        except Conflict:
            return None
        try:
            info = json.loads((folder / _INFO).read_text("utf-8"))
        except FileNotFoundError:  # closed by its owner between listing and locking
            lock.release()
            return None
        except (OSError, ValueError):
            info = {}
        return Live(folder, info, lock)
