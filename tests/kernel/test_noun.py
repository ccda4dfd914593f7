"""Nouns made the short way are the dataclasses that the standard library makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.kernel.noun import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A noun with every kind of default."""

    name: str
    size: int = 0
    tags: list[str] = dataclasses.field(default_factory=list, repr=False)
    derived: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "derived", self.name * 2)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The same, made by the standard library."""

    name: str
    size: int = 0
    tags: list[str] = dataclasses.field(default_factory=list, repr=False)
    derived: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "derived", self.name * 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A noun of plain members."""

    left: int
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple(Pair):
    """A noun that has one member more."""

    more: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A noun whose members may go without their names."""

    x: int
    y: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """A noun without members."""


values = st.integers()
texts = st.text(max_size=5)


@given(texts, values, st.lists(texts, max_size=2))
def test_a_noun_has_the_members_and_the_text_of_the_usual_dataclass(
    name: str, size: int, tags: list[str]
) -> None:
    ours, usual = Leaf(name=name, size=size, tags=tags), Usual(name=name, size=size, tags=tags)
    assert dataclasses.asdict(ours) == dataclasses.asdict(usual)  # type: ignore[call-overload]
    assert repr(ours) == repr(usual).replace("Usual", "Leaf")


@given(values, texts, values, texts)
def test_nouns_are_equal_and_hashed_by_their_values(a: int, b: str, c: int, d: str) -> None:
    one, other = Pair(left=a, right=b), Pair(left=c, right=d)
    assert (one == other) is ((a, b) == (c, d))
    assert hash(one) == hash(Pair(left=a, right=b))
    assert len({one, other}) == (1 if one == other else 2)


def test_nouns_of_two_classes_are_never_equal() -> None:
    assert Pair(left=1, right="") != Triple(left=1, right="")
    assert Pair(left=1, right="") != (1, "")
    assert Nothing() == Nothing()
    assert Nothing() != Pair(left=1, right="")


def test_a_noun_cannot_be_changed() -> None:
    pair: Any = Pair(left=1, right="")
    for change in (
        lambda: setattr(pair, "left", 2),
        lambda: setattr(pair, "unknown", 2),
        lambda: delattr(pair, "left"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert not hasattr(pair, "__dict__")
    assert pair == Pair(left=1, right="")


def test_every_noun_gets_a_list_of_its_own() -> None:
    assert Leaf(name="a").tags is not Leaf(name="a").tags


def test_a_missing_or_an_unknown_member_is_a_type_error() -> None:
    make: Any = Pair
    for words in ({"left": 1}, {"left": 1, "right": "", "middle": 2}):
        with pytest.raises(TypeError, match=r"Pair\.__init__"):
            make(**words)
    with pytest.raises(TypeError):
        make(1, "")


def test_members_may_go_without_names_only_where_the_class_says_so() -> None:
    assert Spot(1, 2) == Spot(x=1, y=2)
    match Spot(1):
        case Spot(x, y):
            assert (x, y) == (1, 0)


def test_a_noun_can_be_replaced_copied_and_pickled() -> None:
    triple = Triple(left=1, right="r", more=(1, 2))
    assert dataclasses.replace(triple, left=2) == Triple(left=2, right="r", more=(1, 2))
    assert copy.deepcopy(triple) == triple
    assert pickle.loads(pickle.dumps(triple)) == triple


def test_a_noun_goes_through_the_codec_and_back() -> None:
    triple = Triple(left=1, right="r", more=(1, 2))
    assert msgspec.convert(msgspec.to_builtins(triple), Triple) == triple
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"left": "1", "right": "r"}, Triple)


def test_a_noun_that_could_be_changed_is_refused() -> None:
    decorate: Any = dataclass
    with pytest.raises(TypeError, match="frozen"):
        decorate(frozen=False, slots=True)
