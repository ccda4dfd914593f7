"""Lineage as text and as a drawing; answers as JSON."""

from __future__ import annotations

import json
from xml.dom import minidom

from hypothesis import given
from hypothesis import strategies as st

from sestina.records.answers_lineage import Arrow, LineageAnswer, Node
from sestina.records.answers_runs import LogAnswer
from sestina.render.json import to_json
from sestina.render.svg import lineage_svg, place
from sestina.render.text.ink import Ink
from sestina.render.text.lineage import lineage_text


def graph(links: list[tuple[int, int]], name: str = "n") -> LineageAnswer:
    keys = sorted({key for link in links for key in link} | {0})
    nodes = (Node(key=str(k), kind="file", name=f"{name}{k}", remark="") for k in keys)
    arrows = (Arrow(source=str(a), target=str(b), by="data") for a, b in links)
    return LineageAnswer(centre="0", nodes=tuple(nodes), arrows=tuple(arrows), folded=0)


links = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30)


@given(links)
def test_no_two_boxes_lie_on_each_other_and_the_drawing_never_changes(pairs):
    answer = graph(pairs)
    placed = place(answer.nodes, answer.arrows)
    assert len(set(placed.values())) == len(answer.nodes)
    assert place(answer.nodes, answer.arrows) == placed


def test_an_arrow_points_to_the_right():
    answer = graph([(1, 0), (2, 1), (2, 0), (3, 0)])
    placed = place(answer.nodes, answer.arrows)
    for arrow in answer.arrows:
        assert placed[arrow.source][0] < placed[arrow.target][0]


def test_a_drawing_is_xml_whatever_the_names_are():
    answer = graph([(1, 0)], name="<&\"'\x1b\n]]>")
    document = minidom.parseString(lineage_svg(answer))
    assert len(document.getElementsByTagName("g")) == 2


@given(links)
def test_a_tree_of_text_ends_and_shows_each_branch_once(pairs):
    text = lineage_text(graph(pairs), Ink(on=False))
    above = text.split("\nwent into\n")[0]
    assert len(above.splitlines()) <= len(pairs) + 2


def test_json_starts_with_its_schema_and_omits_nothing():
    told = json.loads(to_json(LogAnswer(of=None, lines=(), more=0)))
    assert list(told) == ["schema", "of", "lines", "more"]
    assert told["of"] is None
