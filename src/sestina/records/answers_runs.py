"""What the verbs that make and list runs return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.records.run import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class InitAnswer:
    """The repo of a folder; `created` is False where it was there before."""

    SCHEMA: ClassVar[str] = "sestina.init/1"
    path: str
    id: str
    created: bool
    ignored_by_git: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAnswer:
    """A run as it was sealed. Where it could not be, `run` is None and `failure` says why.

    `versions` were made by it, `capture` is the capture line with its counts, `exit` the
    command's own exit code.
    """

    SCHEMA: ClassVar[str] = "sestina.run/1"
    run: str | None
    name: str | None
    recipe: str | None
    versions: tuple[str, ...]
    capture: str
    exit: int
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One run or version. `changed` are the ingredients that differ from the run of the same
    script (or the version of the same model) before it.

    `metric` is the primary metric, where the model or the only metric says which that is. Of a run
    whose records are lost `grade` is `damaged`, and the rest is what the journal still says.
    """

    name: str
    run: str
    also: tuple[str, ...]
    began: str
    milliseconds: int
    exit: int | None
    grade: str
    recipe: str | None
    changed: tuple[str, ...]
    first: bool
    metric: Metric | None
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAnswer:
    """Runs or versions, newest first; `more` were left out by the limit."""

    SCHEMA: ClassVar[str] = "sestina.log/1"
    of: str | None
    lines: tuple[LogLine, ...]
    more: int
