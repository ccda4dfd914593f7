"""The text of `status`."""

from __future__ import annotations

from sestina.records.answers_status import StatusAnswer
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import WIDTH, amount, cut, minute, ring


def status_text(answer: StatusAnswer, ink: Ink, *, cosmetic: bool = False) -> str:
    """Returns the text of a status."""
    meaning = {change.ingredient for change in answer.changes if not change.cosmetic}
    head = f"{ink.strong(clean(answer.against) + ' → the next run')}  {ring(meaning, ink)}"
    command = clean(" ".join(answer.command))
    looked = f"{amount(answer.files, 'file')} looked at; run {minute(answer.began)}: {command}"
    lines = [head, "  " + ink.muted(cut(looked, WIDTH - 2))]
    if not answer.changes:
        lines.append(f"nothing that {clean(answer.against)} used has changed")
    else:
        from sestina.render.text.changes import changes_text

        lines += changes_text(answer.changes, ink, cosmetic=cosmetic)
    if answer.unchecked:
        lines += ["", *(ink.muted(f"not checked: {clean(text)}") for text in answer.unchecked)]
    return "\n".join(lines) + "\n"
