"""Lineage as a drawing: a column per step from what was used, rows ordered to cross little.

The column of a node is its distance from the sources, so only the order of rows is unknown; sweeps
that move every node to the mean row of its neighbours settle it (the barycentre method of
Sugiyama, Tagawa and Toda, 1981). No randomness: one answer has one drawing.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape

from sestina.records.answers_lineage import Arrow, LineageAnswer, Node
from sestina.render.text.ink import clean
from sestina.render.text.layout import cut, cut_middle, near

_WIDE, _HIGH, _GAP_X, _GAP_Y, _EDGE = 190, 38, 64, 14, 24
_SWEEPS = 8
_LETTERS = 25
_STYLE = """
  text { font-family: 'IBM Plex Sans', system-ui, sans-serif; font-size: 12px; fill: #1C1B19 }
  .remark { font-size: 10px; fill: #6B675F }
  .by { font-size: 9px; fill: #6B675F; text-anchor: middle }
  rect { fill: #FAF8F3; stroke: #DDD8CC; rx: 2px }
  .run rect { fill: #fff; stroke: #6B675F }
  .version rect { stroke: #1C1B19 }
  .centre rect { stroke: #1C1B19; stroke-width: 2 }
  path { fill: none; stroke: #6B675F; stroke-width: 1 }
"""


def lineage_svg(answer: LineageAnswer) -> str:
    """Returns the SVG document of a lineage."""
    placed = place(answer.nodes, answer.arrows)
    right = max((x for x, _ in placed.values()), default=0)
    low = max((y for _, y in placed.values()), default=0)
    wide, high = right + _WIDE + _EDGE, low + _HIGH + _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}" role="img">',
        f"<title>lineage of {_safe(answer.centre)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{wide}" height="{high}" style="stroke: none"/>',
    ]
    parts += [_line(arrow, placed) for arrow in answer.arrows]
    parts += [_box(node, placed[node.key], node.key == answer.centre) for node in answer.nodes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def place(nodes: tuple[Node, ...], arrows: tuple[Arrow, ...]) -> dict[str, tuple[int, int]]:
    """Returns where the upper left corner of every node lies, in pixels."""
    columns = _columns([node.key for node in nodes], arrows)
    rows: dict[int, list[str]] = defaultdict(list)
    for node in nodes:
        rows[columns[node.key]].append(node.key)
    _settle(rows, arrows)
    tallest = max(map(len, rows.values()), default=0)
    placed = {}
    for column, keys in rows.items():
        top = _EDGE + (tallest - len(keys)) * (_HIGH + _GAP_Y) // 2
        for row, key in enumerate(keys):
            x = _EDGE + column * (_WIDE + _GAP_X)
            placed[key] = (x, top + row * (_HIGH + _GAP_Y))
    return placed


def _columns(keys: list[str], arrows: tuple[Arrow, ...]) -> dict[str, int]:
    """Returns the length of the longest way to each node; a circle is cut where it is met."""
    targets: dict[str, list[str]] = defaultdict(list)
    waiting = dict.fromkeys(keys, 0)
    for arrow in arrows:
        targets[arrow.source].append(arrow.target)
        waiting[arrow.target] += 1
    columns = dict.fromkeys(keys, 0)
    ready = [key for key in keys if waiting[key] == 0]
    left = [key for key in keys if waiting[key]]
    while ready or left:
        if not ready:
            ready.append(left[0])
            waiting[left[0]] = 0
        key = ready.pop(0)
        if key in left:
            left.remove(key)
        for target in targets[key]:
            if waiting[target] > 0:
                columns[target] = max(columns[target], columns[key] + 1)
                waiting[target] -= 1
                if waiting[target] == 0:
                    ready.append(target)
    return columns


def _settle(rows: dict[int, list[str]], arrows: tuple[Arrow, ...]) -> None:
    near_by: dict[str, list[str]] = defaultdict(list)
    for arrow in arrows:
        near_by[arrow.source].append(arrow.target)
        near_by[arrow.target].append(arrow.source)
    for sweep in range(_SWEEPS):
        for column in sorted(rows, reverse=sweep % 2 == 1):
            place_of = {
                key: row / max(len(keys), 1)
                for keys in rows.values()
                for row, key in enumerate(keys)
            }
            means = {
                key: sum(place_of[other] for other in near_by[key]) / len(near_by[key])
                if near_by[key]
                else place_of[key]
                for key in rows[column]
            }
            rows[column].sort(key=lambda key, means=means: means[key])  # type: ignore[misc]


def _line(arrow: Arrow, placed: dict[str, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = placed[arrow.source], placed[arrow.target]
    x1, y1, y2 = x1 + _WIDE, y1 + _HIGH // 2, y2 + _HIGH // 2
    bend = max((x2 - x1) // 2, 12)
    drawn = f'<path d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}"/>'
    if not arrow.by:
        return drawn
    middle = f'x="{(x1 + x2) // 2}" y="{(y1 + y2) // 2 - 3}"'
    return f'{drawn}<text class="by" {middle}>{_safe(arrow.by)}</text>'


def _box(node: Node, corner: tuple[int, int], centre: bool) -> str:
    x, y = corner
    name = near(node.name) if node.kind in ("file", "dataset") else node.name
    classes = f"{node.kind} centre" if centre else node.kind
    return (
        f'<g class="{_safe(classes)}"><title>{_safe(node.name)} {_safe(node.remark)}</title>'
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}"/>'
        f'<text x="{x + 8}" y="{y + 16}">{_safe(cut_middle(clean(name), _LETTERS))}</text>'
        f'<text class="remark" x="{x + 8}" y="{y + 30}">{_safe(cut(clean(node.remark), 32))}'
        "</text></g>"
    )


def _safe(text: str) -> str:
    return escape(clean(text), quote=True)
