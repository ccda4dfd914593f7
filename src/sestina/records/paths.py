"""Logical paths: a root that may move, and the bytes below it that may not.

`project:data/train.csv` keeps its text when the project or the machine moves; where the roots lay
is a fact of the run. The longest root that contains a path names it, so a virtual environment
inside the project is `prefix:`. Bytes are never normalised beyond `.` and `..`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sestina.kernel import escape

ROOTS = ("project", "prefix", "home", "abs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Where the roots lay in one run; absolute bytes without a trailing slash."""

    project: bytes
    prefix: bytes = b""
    home: bytes = b""

    def logical(self, path: bytes) -> str:
        """Returns the logical text of an absolute path.

        >>> Roots(project=b"/p").logical(b"/p/data/train.csv")
        'project:data/train.csv'
        """
        best, base = "abs", b"/"
        for name in ("home", "prefix", "project"):
            root: bytes = getattr(self, name)
            if root and len(root) >= len(base) and is_within(path, root):
                best, base = name, root
        return f"{best}:{escape.to_text(path[len(base) :].lstrip(b'/'))}"

    def absolute(self, logical: str) -> bytes:
        """Returns the absolute path that a logical one had in this run."""
        root, rest = split(logical)
        base = b"/" if root == "abs" else getattr(self, root)
        return base.rstrip(b"/") + b"/" + rest if rest else base


def is_within(path: bytes, folder: bytes) -> bool:
    """Returns whether `path` is `folder` or lies below it."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def split(logical: str) -> tuple[str, bytes]:
    """Returns the root's name and the bytes below it; raises ValueError for anything else."""
    root, colon, rest = logical.partition(":")
    if not colon or root not in ROOTS:
        raise ValueError(f"not a logical path: {logical!r}")
    return root, escape.to_bytes(rest)
