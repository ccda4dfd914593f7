"""Where a distribution was installed from, when that was no index: `direct_url.json` (PEP 610)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from sestina.ingredients.env.installed import Installed
from sestina.kernel.withhold import without_secrets
from sestina.records.paths import Roots

EDITABLE = "editable "
"""Starts the source of a distribution whose files are used where they lie: they are code."""


@dataclass(frozen=True, slots=True)
class Origin:
    """`source` as it is recorded; `folder` holds the files of an editable one, absolute."""

    source: str
    folder: bytes | None


def origin(held: Installed, roots: Roots) -> Origin | None:
    """Returns where a distribution came from, None for an index."""
    text = held.read(b"direct_url.json")
    if not text:
        return None
    try:
        said = json.loads(text)
        url = said["url"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(url, str):
        return None
    local = _local(url)
    place = roots.logical(local) if local else without_secrets(url)
    if _member(said, "dir_info", "editable") is True and local:
        return Origin(EDITABLE + place, local)
    commit, system = _member(said, "vcs_info", "commit_id"), _member(said, "vcs_info", "vcs")
    if isinstance(commit, str) and isinstance(system, str):
        place = f"{system}+{place}@{commit}"
    return Origin(place, None)


def editable(folder: bytes, roots: Roots) -> Origin:
    """Returns the origin of a distribution that is used where it lies."""
    return Origin(EDITABLE + roots.logical(folder), folder)


def _local(url: str) -> bytes | None:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    path = unquote_to_bytes(parts.path)
    return os.path.normpath(path) if path.startswith(b"/") else None


def _member(said: Any, table: str, name: str) -> Any:
    inner = said.get(table) if isinstance(said, dict) else None
    return inner.get(name) if isinstance(inner, dict) else None
