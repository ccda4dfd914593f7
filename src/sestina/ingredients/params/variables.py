"""Environment variables as they enter a record."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sestina.ingredients.params.cut import is_withheld
from sestina.ingredients.params.ownership import DEVICES
from sestina.ingredients.params.ownership import Owner as Owner
from sestina.ingredients.params.ownership import owner as owner
from sestina.records.ingredient import Setting
from sestina.records.observation import Observation
from sestina.records.paths import Roots, is_within


def owned(seen: Observation, by: Owner) -> Iterator[tuple[str, str]]:
    """Yields the variables of the run that `by` owns, sorted by name, with their raw values."""
    read = {asked.name for asked in seen.testimony.env_reads}
    for name, value in sorted(seen.environ.items()):
        if owner(name, is_read=name in read) == by:
            yield name, value


def recorded(seen: Observation, by: Owner) -> tuple[Setting, ...]:
    """Returns the variables that `by` owns as they enter a record: logical, secrets withheld."""
    return tuple(
        Setting(
            name=name, value=None if is_withheld(name, value) else said(name, value, seen.roots)
        )
        for name, value in owned(seen, by)
    )


def logical(value: str, roots: Roots) -> str:
    """Returns a value with a path into the project, the prefix or the home made logical.

    >>> logical("/p/data:/opt/x", Roots(project=b"/p"))
    'project:data:/opt/x'
    """
    return os.pathsep.join(_path(part, roots) for part in value.split(os.pathsep))


def said(name: str, value: str, roots: Roots) -> str:
    """Returns a value that is not withheld as it enters a record."""
    if name in DEVICES:
        count = len([part for part in value.split(",") if part.strip() not in ("", "-1")])
        return f"{count} visible"
    return _safe(logical(value, roots))


def _path(part: str, roots: Roots) -> str:
    raw = os.fsencode(part)
    if not raw.startswith(b"/"):
        return part
    within = any(
        root and is_within(raw, root) for root in (roots.project, roots.prefix, roots.home)
    )
    return roots.logical(os.path.normpath(raw)) if within else part


def _safe(value: str) -> str:
    """Returns the value as text that JSON can hold, whatever bytes it had."""
    return os.fsencode(value).decode("utf-8", "backslashreplace")
