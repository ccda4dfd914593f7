"""The text of `diff` and `status`: only differences, by ingredient, one line a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sestina.records.answers import Change
from sestina.records.answers_diff import DiffAnswer, Pair, StatusAnswer
from sestina.records.ingredient import NAMES
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import (
    WIDTH,
    amount,
    brief,
    cut,
    cut_middle,
    minute,
    near,
    pad,
    ring,
    width,
)

_WIDEST_PLACE = 40
_DETAIL_LINES = 16
_PLAIN_KINDS = {"file", "key", "function", "folder", None}
_ARROW = " → "


def diff_text(answer: DiffAnswer, ink: Ink, *, cosmetic: bool = False) -> str:
    """Returns the text of a difference; cosmetic changes are counted unless asked for."""
    meaning = {change.ingredient for change in answer.changes if not change.cosmetic}
    names = f"{clean(answer.a.name)}{_ARROW}{clean(answer.b.name)}"
    lines = [f"{ink.strong(names)}  {ring(meaning, ink)}"]
    lines += _verdict(answer, bool(meaning), ink)
    if answer.metrics:
        lines += ["", "metrics", *_pairs(answer.metrics, ink)]
    if answer.outputs:
        lines += ["", "outputs", *_pairs(answer.outputs, ink)]
    lines += changes_text(answer.changes, ink, cosmetic=cosmetic, effective=answer.effective)
    if answer.unread:
        lines += ["", "unread by both", *_place_lines(answer.unread, ink)]
    if answer.facts and answer.same_recipe:
        lines += ["", "facts that differ (no part of the recipe)", *_pairs(answer.facts, ink)]
    elif answer.facts:
        told = f"{amount(len(answer.facts), 'fact')} of the runs differ too (--json lists them)"
        lines += ["", ink.muted(told)]
    return "\n".join(lines) + "\n"


def status_text(answer: StatusAnswer, ink: Ink, *, cosmetic: bool = False) -> str:
    """Returns the text of a status."""
    meaning = {change.ingredient for change in answer.changes if not change.cosmetic}
    head = f"{ink.strong(clean(answer.against) + _ARROW + 'the next run')}  {ring(meaning, ink)}"
    command = cut(clean(" ".join(answer.command)), WIDTH - 2)
    looked = f"{amount(answer.files, 'file')} looked at, {minute(answer.began)} {command}"
    lines = [head, "  " + ink.muted(cut(looked, WIDTH - 2))]
    if not answer.changes:
        lines.append(f"nothing that {clean(answer.against)} used has changed")
    lines += changes_text(answer.changes, ink, cosmetic=cosmetic)
    if answer.unchecked:
        lines += ["", *(ink.muted(f"not checked: {clean(text)}") for text in answer.unchecked)]
    return "\n".join(lines) + "\n"


def changes_text(
    changes: Sequence[Change], ink: Ink, *, cosmetic: bool, effective: Sequence[Pair] = ()
) -> list[str]:
    """Returns the lines of changes grouped by ingredient, those that are the same left out."""
    lines: list[str] = []
    beneath = _Beneath(effective)
    for name in NAMES:
        own = [change for change in changes if change.ingredient == name]
        shown = [change for change in own if cosmetic or not change.cosmetic]
        folded = len(own) - len(shown)
        if not own:
            continue
        lines += ["", ink.strong(name)]
        lines += _place_lines(shown, ink, beneath)
        if folded:
            what = amount(folded, "cosmetic change")
            lines.append("  " + ink.muted(f"{what} (--cosmetic shows {'it' if folded == 1 else 'them'})"))
    rest = beneath.rest()
    if rest:
        lines += ["", "params after defaults", *_pairs(rest, ink)]
    return lines


class _Beneath:
    """Effective values, each of which is shown once: under the change that it follows from."""

    def __init__(self, pairs: Sequence[Pair]):
        self.left = list(pairs)

    def take(self, change: Change) -> list[Pair]:
        if change.ingredient not in ("params", "seed"):
            return []
        asked = _key(change.place.name or "")
        found = [pair for pair in self.left if _key(pair.name) == asked]
        self.left = [pair for pair in self.left if pair not in found]
        # The same two texts once more would tell nothing.
        return [pair for pair in found if (pair.before, pair.after) != (change.before, change.after)]

    def rest(self) -> list[Pair]:
        return self.left


def _key(name: str) -> str:
    last = name.rsplit(" ", 1)[-1].rsplit(".", 1)[-1]
    return last.lstrip("-").replace("-", "_")


def _verdict(answer: DiffAnswer, differs: bool, ink: Ink) -> list[str]:
    if answer.unexplained:
        return [
            ink.changed("unexplained: one recipe gave two outputs"),
            "  all six ingredients are the same; what differs was not seen, or is chance",
        ]
    if answer.same_recipe:
        gave = "" if answer.a.run is None or answer.b.run is None else " and the same outputs"
        return [f"the same recipe{gave}"]
    if not differs:
        return ["only cosmetic differences: bytes differ, meaning does not"]
    return []


def _place_lines(
    changes: Iterable[Change], ink: Ink, beneath: _Beneath | None = None
) -> list[str]:
    told = [(place_text(change), change) for change in changes]
    column = min(max((width(place) for place, _ in told), default=0), _WIDEST_PLACE)
    lines = []
    for place, change in told:
        shown = pad(cut_middle(place, column), column)
        room = WIDTH - column - 4
        remark = " (cosmetic)" if change.cosmetic else ""
        lines.append(f"  {shown}  {_values(change, room - len(remark), ink)}{remark}".rstrip())
        if change.origin:
            lines.append("    " + ink.muted(cut(f"from {near(clean(change.origin))}", WIDTH - 4)))
        for pair in beneath.take(change) if beneath else ():
            after = f"in effect: {brief(pair.before)}{_ARROW}{brief(pair.after)}"
            lines.append("    " + ink.muted(cut(after, WIDTH - 4)))
        lines += _detail(change, ink)
    return lines


def place_text(change: Change) -> str:
    """Returns where a change is: file, then what in it; the kind where that says more."""
    place = change.place
    parts = [near(clean(place.path))] if place.path else []
    if place.name:
        name = clean(place.name)
        parts.append(f"{name}()" if place.kind == "function" else name)
    told = " ".join(parts) or place.kind
    return told if place.kind in _PLAIN_KINDS or not parts else f"{place.kind} {told}"


def _values(change: Change, room: int, ink: Ink) -> str:
    before, after = brief(change.before), brief(change.after)
    if change.kind == "added":
        return ink.changed("added") + ("" if change.after is None else "  " + cut(after, room - 7))
    if change.kind == "removed":
        return ink.changed("removed") + ("" if change.before is None else "  " + cut(before, room - 9))
    if change.before is None and change.after is None:
        return ink.changed(change.kind)
    return _arrow(before, after, room, ink)


def _arrow(before: str, after: str, room: int, ink: Ink) -> str:
    space = max(room - len(_ARROW), 16)
    if width(before) + width(after) > space:
        half = space // 2
        before = cut(before, max(half, space - width(after)))
        after = cut(after, max(half, space - width(before)))
    return f"{before}{_ARROW}{ink.changed(after)}"


def _detail(change: Change, ink: Ink) -> list[str]:
    shown = change.detail[:_DETAIL_LINES]
    lines = []
    for line in shown:
        text = cut(clean(line.expandtabs(4)), WIDTH - 6)
        marked = text.startswith(("+", "-"))
        lines.append("      " + (ink.changed(text) if marked else ink.muted(text)))
    left = len(change.detail) - len(shown)
    if left:
        lines.append("      " + ink.muted(f"… {amount(left, 'more line')} (--json has all)"))
    return lines


def _pairs(pairs: Sequence[Pair], ink: Ink) -> list[str]:
    names = [near(clean(pair.name)) for pair in pairs]
    column = min(max(map(width, names), default=0), _WIDEST_PLACE)
    room = WIDTH - column - 4
    return [
        f"  {pad(cut_middle(name, column), column)}  "
        + _arrow(brief(pair.before), brief(pair.after), room, ink)
        for name, pair in zip(names, pairs, strict=True)
    ]
