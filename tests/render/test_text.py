"""Text for people: 80 columns, safe on one line, readable without colour."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sestina.records.answers import Change, Place
from sestina.records.answers_diff import DiffAnswer, Pair, Side
from sestina.records.ingredient import NAMES
from sestina.render.text import layout
from sestina.render.text.diff import diff_text
from sestina.render.text.ink import Ink, clean

PLAIN = Ink(on=False)
SIDE = Side(name="fraud:1", recipe="1" * 64, run="2" * 64, began=None, exit=0, grade=None)
words = st.text(min_size=0, max_size=60)


def answer(**given: object) -> DiffAnswer:
    empty = dict.fromkeys(("metrics", "outputs", "changes", "effective", "unread", "facts"), ())
    other = Side(name="fraud:2", recipe="3" * 64, run="4" * 64, began=None, exit=0, grade=None)
    told = {"same_recipe": False, "unexplained": False, "a": SIDE, "b": other, **empty, **given}
    return DiffAnswer(**told)


def change(ingredient="params", path="project:a.yaml", name="rate", **given) -> Change:
    told = {"before": "1", "after": "2", "kind": "changed", **given}
    return Change(ingredient=ingredient, place=Place(kind="key", path=path, name=name), **told)


@given(words)
def test_nothing_unsafe_is_left_in_a_cleaned_text(text):
    safe = clean(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", safe)
    assert clean(safe) == safe


@given(words.map(clean), st.integers(1, 50))
def test_a_cut_text_fits(text, room):
    assert layout.width(layout.cut(text, room)) <= room
    assert layout.width(layout.cut_middle(text, room)) <= room


@given(st.lists(st.lists(words, min_size=3, max_size=3), max_size=6))
def test_columns_stand_below_each_other(rows):
    lines = layout.columns(rows)
    assert len(lines) == len(rows)
    assert all(line == line.rstrip() and "\n" not in line for line in lines)


@given(st.integers(0, 10**15))
def test_a_size_is_short(count):
    assert len(layout.size(count)) <= 8


def test_the_ring_has_the_six_in_their_order():
    assert layout.INGREDIENTS == NAMES
    assert layout.ring(NAMES) == "CDFPES"
    assert layout.ring({"features", "env"}) == "··F·E·"


def test_a_change_is_one_line_and_cosmetic_ones_are_counted():
    text = diff_text(answer(changes=(change(), change(name="x", cosmetic=True))), PLAIN)
    assert text.splitlines() == [
        "fraud:1 → fraud:2  ···P··",
        "",
        "params",
        "  a.yaml rate  1 → 2",
        "  1 cosmetic change (--cosmetic shows it)",
    ]
    assert "(cosmetic)" in diff_text(answer(changes=(change(cosmetic=True),)), PLAIN, cosmetic=True)


def test_what_was_gained_or_lost_comes_first():
    pair = Pair(name="auc", before="0.87", after="0.86")
    text = diff_text(answer(metrics=(pair,), changes=(change(),)), PLAIN)
    assert text.index("auc") < text.index("params")


def test_an_effective_value_stands_beneath_its_origin_once():
    effective = (Pair(name="argparse rate", before="1.0", after="2.0"),)
    text = diff_text(answer(changes=(change(),), effective=effective), PLAIN)
    assert text.count("in effect: 1.0 → 2.0") == 1
    assert "after defaults" not in text


def test_a_default_that_changed_with_no_change_of_params_is_told_apart():
    effective = (Pair(name="argparse depth", before="3", after="4"),)
    text = diff_text(answer(effective=effective), PLAIN)
    assert "params after defaults\n  argparse depth  3 → 4" in text


def test_two_outputs_of_one_recipe_are_called_unexplained_with_the_facts_that_differ():
    outputs = (Pair(name="project:m.pkl", before="a" * 64, after="b" * 64),)
    facts = (Pair(name="host", before="one", after="two"),)
    told = answer(same_recipe=True, unexplained=True, outputs=outputs, facts=facts)
    text = diff_text(told, PLAIN)
    assert "unexplained" in text
    assert "m.pkl  aaaaaaaa → bbbbbbbb" in text
    assert "host  one → two" in text


@given(words, words, words)
def test_no_line_is_wider_than_the_page(path, before, after):
    told = change(path=f"project:{clean(path)}", before=clean(before), after=clean(after))
    for line in diff_text(answer(changes=(told,)), PLAIN).splitlines():
        assert layout.width(line) <= layout.WIDTH


def test_a_thousand_changes_do_not_flood_the_page():
    many = tuple(change(path=f"project:{n}.yaml") for n in range(1000))
    pairs = tuple(Pair(name=f"project:{n}", before="1", after="2") for n in range(1000))
    text = diff_text(answer(changes=many, outputs=pairs), PLAIN)
    assert len(text.splitlines()) < 100
    assert text.count("… 960 more (--json has all)") == 2


def test_colour_means_change():
    told = answer(changes=(change(),))
    coloured = diff_text(told, Ink(on=True))
    assert "\x1b[31m2\x1b[0m" in coloured
    assert "\x1b[31m1\x1b[0m" not in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == diff_text(told, PLAIN)


def test_what_was_not_asked_for_is_not_called_cosmetic():
    text = diff_text(answer(), PLAIN)
    assert "cosmetic" not in text
    assert "the recipes do" in text


def test_a_statement_is_told_by_its_lines():
    place = Place(kind="statement", path="project:train.py", name="p.add(")
    detail = ("-p.add(1)", "+p.add(2)")
    told = Change(
        ingredient="code", place=place, before="p.add(1)", after="p.add(2)", kind="changed",
        detail=detail,
    )  # fmt: skip
    assert "  train.py p.add(  changed\n      -p.add(1)\n      +p.add(2)" in diff_text(
        answer(changes=(told,)), PLAIN
    )
