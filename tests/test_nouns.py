"""Every noun is frozen, holds no numbers with two spellings, and is made by keyword."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import typing

import pytest

import sestina.records


def nouns() -> list[type]:
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(sestina.records.__path__, "sestina.records."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and dataclasses.is_dataclass(thing):
                if thing.__name__.startswith("_"):
                    continue  # a step of some parser, not a noun
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return [found[name] for name in sorted(found) if name.startswith("sestina.records.")]


def parts(hint: object) -> set[object]:
    """Returns every type that a type hint mentions."""
    return {hint}.union(*(parts(inner) for inner in typing.get_args(hint)))


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.__name__)
def test_a_noun_is_frozen_slotted_and_made_by_keyword(noun: type) -> None:
    assert noun.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__dict__" not in dir(noun)
    assert all(field.kw_only for field in dataclasses.fields(noun))


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.__name__)
def test_a_noun_holds_no_floats_and_nothing_that_can_change(noun: type) -> None:
    held = set().union(*map(parts, typing.get_type_hints(noun).values()))
    assert float not in held
    if hasattr(noun, "KIND"):  # a record: what lies in the store for ever
        containers = {typing.get_origin(hint) for hint in held} | held
        assert not containers & {list, dict, set, bytearray, typing.Any}


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.__name__)
def test_a_noun_says_what_it_is(noun: type) -> None:
    assert noun.__doc__
    assert not noun.__doc__.startswith(f"{noun.__name__}(")  # what the decorator writes
