"""Params for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sestina.ingredients.params.arguments import SEED_WORD, arguments
from sestina.ingredients.params.knobs import Knobs, knobs
from sestina.ingredients.text import visible
from sestina.kernel.ids import RecordId, short
from sestina.kernel.withhold import WITHHELD
from sestina.records.answers import Description, Item
from sestina.records.ingredient import ParamsRecord, Setting

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def describe(record: RecordId, repo: Repo) -> Description:
    """Returns how many knobs there are, and each with its value and where it was set."""
    params = repo.records.get(record, ParamsRecord)
    files = knobs(params, repo)
    keys = sum(len(held.keys or ()) for held in files.values())
    parts = [
        _count(len(arguments(params.arguments)), "argument"),
        _count(keys, "key") + (f" in {_count(len(files), 'file')}" if files else "")
        if files
        else "",
        _count(len(params.variables), "variable"),
        f"{len(params.recorded)} recorded" if params.recorded else "",
    ]
    return Description(
        ingredient="params",
        summary=", ".join(part for part in parts if part) or "none",
        items=tuple(_items(params, files)),
    )


def _items(params: ParamsRecord, files: dict[str, Knobs]) -> Iterator[Item]:
    for found in arguments(params.arguments):
        value = "given" if found.value is None else found.value
        remark = "in seed" if found.is_seed and SEED_WORD in found.words[-1] else "argument"
        yield Item(name=visible(found.name), value=visible(value), remark=remark)
    for path, held in sorted(files.items()):
        if held.keys is None:
            yield Item(name=path, value=short(held.state[0]), remark="file")
        for name, value in sorted((held.keys or {}).items()):
            yield Item(name=name, value=value, remark=path)
    yield from _settings(params.variables, "variable")
    yield from _settings(params.recorded, "recorded by the program")


def _settings(held: Sequence[Setting], remark: str) -> Iterator[Item]:
    for setting in held:
        value = WITHHELD if setting.value is None else setting.value
        yield Item(name=setting.name, value=visible(value), remark=remark)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
