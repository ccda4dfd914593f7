"""Software for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.ingredients.text import visible
from sestina.kernel.ids import RecordId, short
from sestina.kernel.withhold import WITHHELD
from sestina.records.answers import Description, Item
from sestina.records.ingredient import Distribution, EnvRecord

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def describe(record: RecordId, repo: Repo) -> Description:
    """Returns the interpreter, how many packages, and each of them with its state."""
    env = repo.records.get(record, EnvRecord)
    pythons = ", ".join(f"{one.implementation} {one.version}" for one in env.interpreters[:2])
    modified = sum(held.state == "modified" for held in env.distributions)
    parts = [
        pythons or "no Python seen",
        _count(len(env.distributions), "package") + (f" ({modified} modified)" if modified else ""),
        _count(len(env.variables), "variable"),
    ]
    summary = ", ".join(part for part in parts if part)
    return Description(ingredient="env", summary=summary[:60], items=tuple(_items(env)))


def _items(env: EnvRecord) -> Iterator[Item]:
    for one in env.interpreters:
        yield Item(name=one.implementation, value=one.version, remark=one.build)
    for held in env.distributions:
        yield Item(name=held.name, value=held.version or "no version", remark=_remark(held))
    for variable in env.variables:
        value = WITHHELD if variable.value is None else variable.value
        yield Item(name=variable.name, value=visible(value), remark="variable")
    for kind, files in (("program", env.programs), ("library", env.libraries)):
        for file in files:
            yield Item(name=file.path, value=short(file.id or "unknown"), remark=kind)


def _remark(held: Distribution) -> str:
    parts = [
        held.state if held.state != "modified" else f"{_count(len(held.changed), 'file')} modified"
    ]
    if held.source:
        parts.append(held.source)
    return ", ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
