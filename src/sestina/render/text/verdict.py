"""The text of a verdict."""

from __future__ import annotations

from sestina.kernel.ids import is_id, short
from sestina.records.verdict import Finding, Verdict
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import WIDTH, cut_middle, size

_MOST = 100
_SIZES = {"bytes", "stored"}


def verdict_text(answer: Verdict, ink: Ink) -> str:
    """Returns the text of a verdict: its outcome, what was looked at, the findings worst first."""
    setting = {"pass": ink.passed, "warn": ink.warned, "fail": ink.changed}
    told = ", ".join(
        f"{item.name} {size(int(item.value)) if item.name in _SIZES else item.value}"
        for item in answer.counted
    )
    lines = [f"{setting[answer.outcome](answer.outcome)}  {told}".rstrip()]
    for finding in answer.findings[:_MOST]:
        lines += _finding(finding, setting[finding.outcome](finding.outcome))
    if len(answer.findings) > _MOST:
        lines.append(f"… {len(answer.findings) - _MOST:,} more (--json has all)")
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, outcome: str) -> list[str]:
    place = short(finding.place) if is_id(finding.place) else clean(finding.place)
    lines = [f"{outcome}[{finding.code}] {cut_middle(place, WIDTH - 30)}: {clean(finding.what)}"]
    if finding.hits:
        lines.append(f"  hits: {clean(', '.join(finding.hits))}")
    if finding.hint:
        lines.append(f"  try: {clean(finding.hint)}")
    return lines
