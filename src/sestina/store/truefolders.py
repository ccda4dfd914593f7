"""Where folders really lie: thousands of files lie in few folders, so each is looked at once."""

from __future__ import annotations

import os
import stat

_DEEP = 100
_UNTIDY = (b"", b".", b"..")


class TrueFolders:
    """Folders with their links resolved, as `os.path.realpath` does, remembered."""

    def __init__(self) -> None:
        self._true: dict[bytes, bytes] = {b"": b"", b"/": b""}

    def file(self, path: bytes) -> bytes:
        """Returns an absolute path with the links in its folder resolved, its last name as it is.

        >>> TrueFolders().file(b"/proc/../proc/version")
        b'/proc/version'
        """
        folder, slash, name = path.rpartition(b"/")
        return self.folder(folder) + slash + name

    def folder(self, path: bytes) -> bytes:
        """Returns an absolute folder with all links in it resolved; `b""` for the root."""
        found = self._true.get(path)
        if found is None:
            found = self._true[path] = self._look(path)
        return found

    def _look(self, path: bytes) -> bytes:
        above, _, name = path.rpartition(b"/")
        if path[:1] != b"/" or name in _UNTIDY or path.count(b"/") > _DEEP:
            return os.path.realpath(path).rstrip(b"/")
        here = self.folder(above) + b"/" + name
        try:
            if stat.S_ISLNK(os.lstat(here).st_mode):
                return os.path.realpath(here).rstrip(b"/")
        except (OSError, ValueError):
            pass  # what is not there leads nowhere else
        return here
