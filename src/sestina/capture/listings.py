"""The names in a folder as one id: what a program that lists it was given."""

from __future__ import annotations

import os

from sestina.kernel.ids import sha256

WRITTEN = frozenset(("output", "intermediate", "scratch"))
"""The kinds of files that count as written by the run, or kept for it by a tool."""


def listing(folder: bytes, wrote: set[bytes]) -> str | None:
    """Returns the id of a folder's sorted raw names, None where it cannot be listed.

    Left out are names that the run wrote (`wrote`, absolute), folders that hold nothing else, and
    those of sestina, git and Python's bytecode: they tell nothing about what the run was given.
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return None
    below = folder.rstrip(b"/") + b"/"
    touched = {path[len(below) :].split(b"/", 1)[0] for path in wrote if path.startswith(below)}
    held = [
        name
        for name in names
        if name not in _UNLISTED
        and not (name in touched and _is_of_the_run(os.path.join(folder, name), wrote))
    ]
    return sha256(b"\0".join(held))


_UNLISTED = {b".sestina", b".git", b"__pycache__"}


def _is_of_the_run(path: bytes, wrote: set[bytes]) -> bool:
    if path in wrote:
        return True
    inside = path + b"/"
    if not any(other.startswith(inside) for other in wrote):
        return False
    return all(
        os.path.join(folder, name) in wrote for folder, _, names in os.walk(path) for name in names
    )
