"""The text of `diff`: only differences, what was gained or lost first, then by ingredient."""

from __future__ import annotations

from sestina.records.answers_diff import DiffAnswer
from sestina.render.text.changes import ARROW, changes_text, pair_lines, place_lines
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import WIDTH, amount, cut, ring


def diff_text(answer: DiffAnswer, ink: Ink, *, cosmetic: bool = False) -> str:
    """Returns the text of a difference; cosmetic changes are counted unless asked for."""
    meaning = {change.ingredient for change in answer.changes if not change.cosmetic}
    names = f"{clean(answer.a.name)}{ARROW}{clean(answer.b.name)}"
    lines = [f"{ink.strong(names)}  {ring(meaning, ink)}"]
    lines += _verdict(answer, bool(meaning), ink) + _unseen(answer, ink)
    if answer.metrics:
        lines += ["", "metrics", *pair_lines(answer.metrics, ink)]
    if answer.outputs:
        lines += ["", "outputs", *pair_lines(answer.outputs, ink)]
    lines += changes_text(answer.changes, ink, cosmetic=cosmetic, effective=answer.effective)
    if answer.unread:
        lines += ["", "unread by both", *place_lines(answer.unread, ink)]
    if answer.facts and answer.same_recipe:
        lines += ["", "facts that differ (no part of the recipe)", *pair_lines(answer.facts, ink)]
    elif answer.facts:
        differ = "differs" if len(answer.facts) == 1 else "differ"
        told = f"{amount(len(answer.facts), 'fact')} of the runs {differ} too (--json)"
        lines += ["", ink.muted(told)]
    return "\n".join(lines) + "\n"


def _unseen(answer: DiffAnswer, ink: Ink) -> list[str]:
    """Returns a line per side that was captured in part, where the two are not alike in that."""
    sides = (answer.a, answer.b)
    if answer.a.grade == answer.b.grade or not answer.changes:
        return []
    return [
        ink.warned(cut(f"{clean(side.name)} was not seen whole: {clean(side.grade)}", WIDTH))
        for side in sides
        if side.grade is not None and not side.grade.startswith("complete")
    ]


def _verdict(answer: DiffAnswer, differs: bool, ink: Ink) -> list[str]:
    if answer.unexplained:
        return [
            ink.changed("unexplained: one recipe gave two outputs"),
            "  all six ingredients are the same; what differs was not seen, or is chance",
        ]
    if answer.same_recipe:
        gave = "" if answer.a.run is None or answer.b.run is None else " and the same outputs"
        return [f"the same recipe{gave}"]
    if not differs and answer.changes:
        return ["only cosmetic differences: bytes differ, meaning does not"]
    if not differs:
        return ["nothing differs in what was asked for; the recipes do"]
    return []
