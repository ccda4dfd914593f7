"""Logical paths as people write them in the settings, and as they see them."""

from __future__ import annotations

_PREFIX = {"project": "", "abs": "/", "home": "~/", "prefix": "<prefix>/"}


def as_in_settings(path: str) -> str:
    """Returns a logical path as the patterns of the settings name it.

    >>> as_in_settings("project:src/a.py"), as_in_settings("abs:mnt/x.csv")
    ('src/a.py', '/mnt/x.csv')
    """
    root, _, rest = path.partition(":")
    return _PREFIX[root] + rest
