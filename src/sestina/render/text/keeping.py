"""The text of the verbs that name, give back and look after things."""

from __future__ import annotations

from sestina.kernel.ids import short
from sestina.records.answers_keeping import (
    DoctorAnswer,
    DuAnswer,
    NamedAnswer,
    PurgeAnswer,
    RestoreAnswer,
    VersionAnswer,
)
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import amount, columns, near, size


def named_text(answer: NamedAnswer, _ink: Ink) -> str:
    """Returns the text of a tag or note that was set."""
    return f"{clean(answer.name)} → {short(answer.record)}\n"


def version_text(answer: VersionAnswer, _ink: Ink) -> str:
    """Returns the text of a version that was made."""
    files = ", ".join(near(clean(path)) for path in answer.files)
    return f"{clean(answer.name)} from run/{short(answer.run)}: {files} ({answer.format})\n"


def restore_text(answer: RestoreAnswer, ink: Ink) -> str:
    """Returns the text of what was given back."""
    parts = ", ".join(answer.parts)
    lines = [
        f"{clean(answer.name)}: {amount(answer.files, 'file')} ({size(answer.size)}) of {parts} "
        f"in {clean(answer.into)}"
    ]
    for path in answer.missing:
        why = "removed for good" if path in answer.purged else "not held here"
        lines.append(ink.warned(f"  {why}: {near(clean(path))}"))
    lines += [f"  blank to fill in: {near(clean(blank))}" for blank in answer.blanks]
    return "\n".join(lines) + "\n"


def purge_text(answer: PurgeAnswer, _ink: Ink) -> str:
    """Returns the text of a purge."""
    what = ", ".join(short(blob) for blob in answer.blobs)
    lines = [f"removed for good: {what} ({size(answer.size)})"]
    lines += [f"  it belonged to {clean(name)}" for name in answer.hit]
    return "\n".join(lines) + "\n"


def du_text(answer: DuAnswer, ink: Ink) -> str:
    """Returns the text of where the bytes are."""
    rows = [["on disk", "", ""]]
    rows += [[f"  {line.name}", f"{line.count:,}", size(line.size)] for line in answer.disk]
    rows += [["held, uncompressed", "", ""]]
    rows += [[f"  {line.name}", f"{line.count:,}", size(line.size)] for line in answer.held]
    title = f"{clean(answer.path)}  {size(answer.size)}"
    return "\n".join([ink.strong(title), *columns(rows, right=(1, 2))]) + "\n"


def doctor_text(answer: DoctorAnswer, ink: Ink) -> str:
    """Returns the text of what this machine offers."""
    rows = [[item.name, item.value, item.remark or ""] for item in answer.items]
    lines = columns([row[:2] for row in rows])
    told = []
    for line, row in zip(lines, rows, strict=True):
        told.append(line)
        if row[2]:
            told.append("    " + ink.muted(clean(row[2])))
    return "\n".join(told) + "\n"
