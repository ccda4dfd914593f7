"""The text of `run` and `log`."""

from __future__ import annotations

from sestina.kernel.ids import short
from sestina.records.answers_runs import InitAnswer, LogAnswer, LogLine, RunAnswer
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import columns, cut, duration, minute, ring

_WIDEST_NAME = 18
_WIDEST_METRIC = 18


def init_text(answer: InitAnswer, _ink: Ink) -> str:
    """Returns the text of `init`."""
    told = "created" if answer.created else "already there:"
    lines = [f"{told} {clean(answer.path)}"]
    if answer.ignored_by_git:
        lines.append("  .sestina/ was added to .gitignore")
    return "\n".join(lines) + "\n"


def run_lines(answer: RunAnswer) -> list[str]:
    """Returns what `run` says on standard error when the command has ended."""
    lines = [f"capture: {answer.capture}"]
    lines += [f"note: {note}" for note in answer.notes]
    if answer.run:
        names = [f"run/{answer.name}"] if answer.name else []
        known = ", ".join([f"run/{short(answer.run)}", *names, *answer.versions])
        lines.append(f"{known} (recipe/{short(answer.recipe or '')})")
    lines += answer.failure.split("\n") if answer.failure else []
    return [clean(line) for line in lines]


def log_text(answer: LogAnswer, ink: Ink) -> str:
    """Returns the text of `log`: a line per run or version, newest first."""
    if not answer.lines:
        return f"no versions of {clean(answer.of)}\n" if answer.of else "no runs yet\n"
    return _listed(answer, "--limit 0 shows all", ink)


def versions_text(answer: LogAnswer, ink: Ink) -> str:
    """Returns the text of `version`: the newest of every model."""
    if not answer.lines:
        return "no versions yet\n"
    model = answer.lines[0].name.partition(":")[0]
    return _listed(answer, f"sestina log {clean(model)} shows those of {clean(model)}", ink)


def _listed(answer: LogAnswer, how_to_see_more: str, ink: Ink) -> str:
    rows = [_row(line) for line in answer.lines]
    told = columns(rows, right=(2,))
    lines = [_coloured(text, line, ink) for text, line in zip(told, answer.lines, strict=True)]
    if answer.more:
        lines.append(ink.muted(f"… {answer.more:,} older ({how_to_see_more})"))
    return "\n".join(lines) + "\n"


def _row(line: LogLine) -> list[str]:
    metric = f"{line.metric.name} {_number(line.metric.value)}" if line.metric else ""
    marks = "first" if line.first else ring(line.changed)
    return [
        cut(line.name, _WIDEST_NAME),
        minute(line.began),
        "" if line.exit is None else duration(line.milliseconds),  # nobody saw it end
        cut(metric, _WIDEST_METRIC),
        marks,
        outcome(line.exit, line.grade),
    ]


def outcome(exit_code: int | None, grade: str) -> str:
    """Returns how a run ended, in a word: its grade, or that it failed.

    >>> outcome(0, "complete (kernel)"), outcome(1, "complete (kernel)"), outcome(None, "partial")
    ('complete', 'exit 1', 'interrupted')
    """
    if exit_code is None:
        return "interrupted"
    if exit_code:
        return f"exit {exit_code}"
    return grade.split(" ", 1)[0]


def _number(text: str) -> str:
    """Returns a metric in at most six digits: columns are for comparing at a glance."""
    try:
        return f"{float(text):.6g}" if len(text) > 8 else text
    except ValueError:
        return text


def _coloured(text: str, line: LogLine, ink: Ink) -> str:
    marks = ring(line.changed)
    if line.changed and marks in text:
        text = text.replace(marks, ring(line.changed, ink))
    return text.replace(line.name, ink.strong(line.name), 1)
