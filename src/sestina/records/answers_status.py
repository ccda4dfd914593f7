"""What `status` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.records.answers import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """What the next run of the same command would differ in from a run, without running it.

    `files` counts the files that were looked at, `unchecked` names what cannot be known before.
    """

    SCHEMA: ClassVar[str] = "sestina.status/1"
    against: str
    run: str
    began: str
    command: tuple[str, ...]
    files: int
    changes: tuple[Change, ...]
    unchecked: tuple[str, ...]
