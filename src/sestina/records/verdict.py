"""The one result type of everything that checks: a verdict with its findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from sestina.records.answers import Item

Outcome = Literal["pass", "warn", "fail"]
_ORDER: tuple[Outcome, ...] = ("pass", "warn", "fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One item of a verdict; `outcome` pass is merely worth knowing.

    `code` is stable; `place` is a key, a path or an id; `hits` are the runs and versions that it
    touches, by name; `hint` is a command that works.
    """

    outcome: Outcome
    code: str
    what: str
    place: str
    hits: tuple[str, ...] = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check found; `outcome` is that of its worst finding, `counted` what was looked at."""

    SCHEMA: ClassVar[str] = "sestina.verdict/1"
    outcome: Outcome
    findings: tuple[Finding, ...]
    counted: tuple[Item, ...] = ()

    @property
    def exit_code(self) -> int:
        """Returns 1 where the answer is no, else 0."""
        return int(self.outcome == "fail")


def verdict(findings: Iterable[Finding], counted: Iterable[Item] = ()) -> Verdict:
    """Returns the verdict that these findings amount to, the worst first."""
    listed = sorted(findings, key=lambda f: (-_ORDER.index(f.outcome), f.code, f.place))
    outcome = listed[0].outcome if listed else "pass"
    return Verdict(outcome=outcome, findings=tuple(listed), counted=tuple(counted))
