"""The text of `lineage`: two trees, what made it above and what it went into below."""

from __future__ import annotations

from collections import defaultdict

from sestina.records.answers_lineage import LineageAnswer, Node
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import WIDTH, cut, near

_MOST_LINES = 200
_SEEN = " (above)"


def lineage_text(answer: LineageAnswer, ink: Ink) -> str:
    """Returns the text of a lineage; a branch that was already shown is named, not repeated."""
    by_key = {node.key: node for node in answer.nodes}
    makers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    users: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for arrow in answer.arrows:
        makers[arrow.target].append((arrow.source, arrow.by))
        users[arrow.source].append((arrow.target, arrow.by))
    centre = by_key[answer.centre]
    lines = [_told(centre, "", ink, strong=True)]
    lines += _branches(answer.centre, makers, by_key, ink)
    if users[answer.centre]:
        lines += ["", "went into", *_branches(answer.centre, users, by_key, ink)]
    if len(lines) > _MOST_LINES:
        left = len(lines) - _MOST_LINES
        lines = [*lines[:_MOST_LINES], ink.muted(f"… {left:,} more lines (--depth shows less)")]
    if answer.folded:
        lines.append(ink.muted(f"{answer.folded:,} more beyond this depth (--depth shows more)"))
    return "\n".join(lines) + "\n"


def _branches(
    root: str, links: dict[str, list[tuple[str, str]]], by_key: dict[str, Node], ink: Ink
) -> list[str]:
    """Returns the tree below `root` drawn with lines; iterative, for a chain may be long."""
    lines: list[str] = []
    shown = {root}
    stack = [(key, by, "", place) for place, (key, by) in _marked(links[root])]
    while stack:
        key, by, prefix, last = stack.pop()
        node = by_key[key]
        again = key in shown and bool(links[key])
        text = _told(node, _SEEN if again else "", ink, by=by)
        lines.append(prefix + ("└─ " if last else "├─ ") + text)
        if key in shown:
            continue
        shown.add(key)
        inner = prefix + ("   " if last else "│  ")
        stack += [(child, via, inner, place) for place, (child, via) in _marked(links[key])]
    return lines


def _marked(children: list[tuple[str, str]]) -> list[tuple[bool, tuple[str, str]]]:
    """Returns children last first, as a stack takes them, each with whether it is the last."""
    return [(place == len(children) - 1, child) for place, child in enumerate(children)][::-1]


def _told(node: Node, mark: str, ink: Ink, *, by: str = "", strong: bool = False) -> str:
    name = near(clean(node.name)) if node.kind in ("file", "dataset") else clean(node.name)
    role = f"{by}: " if by and node.kind in ("file", "dataset") else ""
    remark = f"  {clean(node.remark)}" if node.remark else ""
    shown = cut(f"{role}{name}{mark}{remark}", WIDTH - 3)
    return ink.strong(shown) if strong else shown
