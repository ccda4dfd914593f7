"""Changes as lines: grouped by ingredient, a place and its before → after on each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sestina.records.answers import Change
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import (
    INGREDIENTS,
    WIDTH,
    amount,
    brief,
    cut,
    cut_middle,
    near,
    pad,
    width,
)

if TYPE_CHECKING:
    from sestina.records.answers_diff import Pair

_WIDEST_PLACE = 40
_DETAIL_LINES = 16
_MOST = 40
"""Of changes of one ingredient, and of pairs under one title; JSON has all."""
_PLAIN_KINDS = {"file", "key", "function", "statement", "folder", None}
ARROW = " → "


def changes_text(
    changes: Sequence[Change], ink: Ink, *, cosmetic: bool, effective: Sequence[Pair] = ()
) -> list[str]:
    """Returns the lines of changes grouped by ingredient, those that are the same left out."""
    lines: list[str] = []
    beneath = _Beneath(effective)
    for name in INGREDIENTS:
        own = [change for change in changes if change.ingredient == name]
        shown = [change for change in own if cosmetic or not change.cosmetic]
        folded = len(own) - len(shown)
        if not own:
            continue
        lines += ["", ink.strong(name)]
        lines += place_lines(shown, ink, beneath)
        if folded:
            what = amount(folded, "cosmetic change")
            them = "it" if folded == 1 else "them"
            lines.append("  " + ink.muted(f"{what} (--cosmetic shows {them})"))
    rest = beneath.rest()
    if rest:
        lines += ["", "params after defaults", *pair_lines(rest, ink)]
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
        told = (change.before, change.after)
        return [pair for pair in found if (pair.before, pair.after) != told]

    def rest(self) -> list[Pair]:
        return self.left


def _key(name: str) -> str:
    last = name.rsplit(" ", 1)[-1].rsplit(".", 1)[-1]
    return last.lstrip("-").replace("-", "_")


def place_lines(changes: Iterable[Change], ink: Ink, beneath: _Beneath | None = None) -> list[str]:
    """Returns a line per change, with what helps to understand it below."""
    told = [(place_text(change), change) for change in changes]
    column = min(max((width(place) for place, _ in told), default=0), _WIDEST_PLACE)
    lines = []
    for place, change in told[:_MOST]:
        shown = pad(cut_middle(place, column), column)
        room = WIDTH - column - 4
        remark = " (cosmetic)" if change.cosmetic else ""
        lines.append(f"  {shown}  {_values(change, room - len(remark), ink)}{remark}".rstrip())
        if change.origin:
            lines.append("    " + ink.muted(cut(f"from {near(clean(change.origin))}", WIDTH - 4)))
        for pair in beneath.take(change) if beneath else ():
            after = f"in effect: {brief(pair.before)}{ARROW}{brief(pair.after)}"
            lines.append("    " + ink.muted(cut(after, WIDTH - 4)))
        lines += _detail(change, ink)
    return lines + _left_out(len(told), ink)


def _left_out(count: int, ink: Ink) -> list[str]:
    return ["  " + ink.muted(f"… {count - _MOST:,} more (--json has all)")] if count > _MOST else []


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
        value = "" if change.after is None else "  " + cut(after, room - 7)
        return ink.changed("added") + value
    if change.kind == "removed":
        value = "" if change.before is None else "  " + cut(before, room - 9)
        return ink.changed("removed") + value
    if (change.before is None and change.after is None) or (
        change.place.kind == "statement" and change.detail  # which says it in full
    ):
        return ink.changed(change.kind)
    return _arrow(before, after, room, ink)


def _arrow(before: str, after: str, room: int, ink: Ink) -> str:
    space = max(room - len(ARROW), 16)
    if width(before) + width(after) > space:
        half = space // 2
        before = cut(before, max(half, space - width(after)))
        after = cut(after, max(half, space - width(before)))
    return f"{before}{ARROW}{ink.changed(after)}"


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


def pair_lines(pairs: Sequence[Pair], ink: Ink) -> list[str]:
    """Returns a line per pair: name, before → after."""
    names = [near(clean(pair.name)) for pair in pairs]
    column = min(max(map(width, names), default=0), _WIDEST_PLACE)
    room = WIDTH - column - 4
    lines = [
        f"  {pad(cut_middle(name, column), column)}  "
        + _arrow(brief(pair.before), brief(pair.after), room, ink)
        for name, pair in zip(names[:_MOST], pairs[:_MOST], strict=True)
    ]
    return lines + _left_out(len(pairs), ink)
