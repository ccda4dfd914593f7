"""One execution of a recipe: the statement that this recipe gave these outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.kernel.ids import RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A named number. `value` is its shortest exact text; `source` a logical path or `code`."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution. Times are RFC 3339 UTC; `exit` follows the shell (128 + signal), and is None
    where the supervisor was killed and nobody saw the end. `outputs` is a tree with one entry per
    root. `grade` is the capture line without counts: `complete (kernel)`, `partial (kernel) - …`.
    """

    KIND: ClassVar[str] = "run"
    V: ClassVar[int] = 1
    recipe: RecordId
    outputs: RecordId
    metrics: tuple[Metric, ...]
    facts: RecordId
    grade: str
    exit: int | None
    began: str
    ended: str
    actor: str
