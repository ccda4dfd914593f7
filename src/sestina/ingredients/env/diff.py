"""What differs in software: interpreters, packages, libraries, programs, variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sestina.ingredients.changes import difference
from sestina.ingredients.params.diff import settings, values
from sestina.kernel.ids import RecordId, short
from sestina.records.answers import Change, Difference, Place
from sestina.records.ingredient import Distribution, EnvRecord, Interpreter, Library

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def diff(a: RecordId, b: RecordId, repo: Repo) -> Difference:
    """Returns the software that differs; a library that only lies elsewhere is cosmetic."""
    if a == b:
        return Difference(changes=())
    old, new = repo.records.get(a, EnvRecord), repo.records.get(b, EnvRecord)
    return difference(
        [
            *_interpreters(old.interpreters, new.interpreters),
            *_packages(old.distributions, new.distributions),
            *_libraries("library", old.libraries, new.libraries),
            *_libraries("program", old.programs, new.programs),
            *settings("env", "variable", old.variables, new.variables),
        ]
    )


def _interpreters(old: Sequence[Interpreter], new: Sequence[Interpreter]) -> Iterator[Change]:
    """Yields the interpreters that differ, paired by implementation in the order of versions."""
    before, after = _by_implementation(old, new), _by_implementation(new, old)
    for name in sorted(before.keys() | after.keys()):
        was, now = before[name], after[name]
        place = Place(kind="interpreter", path=None, name=name)
        for at in range(max(len(was), len(now))):
            one = was[at] if at < len(was) else None
            two = now[at] if at < len(now) else None
            yield from values("env", place, _python(one, two), _python(two, one))


def _by_implementation(
    some: Sequence[Interpreter], others: Sequence[Interpreter]
) -> defaultdict[str, list[Interpreter]]:
    """Returns those of `some` that are not among `others`."""
    found: defaultdict[str, list[Interpreter]] = defaultdict(list)
    for one in some:
        if one not in others:
            found[one.implementation].append(one)
    return found


def _python(one: Interpreter | None, other: Interpreter | None) -> str | None:
    """Returns an interpreter in as many words as it takes to tell it from the other."""
    if one is None:
        return None
    if other is None or one.version != other.version:
        return one.version
    if one.build != other.build:
        return one.build
    return f"{one.version} (executable {short(one.executable or 'unknown')})"


def _packages(old: Sequence[Distribution], new: Sequence[Distribution]) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, []), after.get(name, [])
        place = Place(kind="package", path=None, name=name)
        for one, two in _pairs(was, now):
            told = list(values("env", place, _version(one, two), _version(two, one)))
            yield from told or ()
            if one and two and not told:
                yield from _files(one, two)


def _by_name(held: Sequence[Distribution]) -> dict[str, list[Distribution]]:
    found: dict[str, list[Distribution]] = {}
    for one in held:
        found.setdefault(one.name, []).append(one)
    return found


def _pairs(
    was: list[Distribution], now: list[Distribution]
) -> Iterator[tuple[Distribution | None, Distribution | None]]:
    gone = [one for one in was if one not in now]
    come = [one for one in now if one not in was]
    for at in range(max(len(gone), len(come))):
        yield gone[at] if at < len(gone) else None, come[at] if at < len(come) else None


def _version(one: Distribution | None, other: Distribution | None) -> str | None:
    """Returns a version, and what else it takes to tell it from the other."""
    if one is None:
        return None
    told = one.version or "no version"
    if other is None or one.version != other.version:
        return told
    if one.content != other.content:
        return f"{told} (content {short(one.content or 'unknown')})"
    if one.source != other.source:
        return f"{told} (from {one.source or 'an index'})"
    same_files = one.changed == other.changed
    return f"{told} ({one.state})" if one.state != other.state and same_files else told


def _files(old: Distribution, new: Distribution) -> Iterator[Change]:
    """Yields the files of one release that somebody changed after it was installed."""
    before = {span.name: span for span in old.changed}
    after = {span.name: span for span in new.changed}
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        place = Place(kind="package", path=(now or was or old.changed[0]).file, name=old.name)
        released = "as installed" if old.content else None
        yield from values(
            "env",
            place,
            f"modified {short(was.blob or '')}" if was else released,
            f"modified {short(now.blob or '')}" if now else released,
        )


def _libraries(kind: str, old: Sequence[Library], new: Sequence[Library]) -> Iterator[Change]:
    before = {held.path: held.id for held in old}
    after = {held.path: held.id for held in new}
    gone = {(_name(path), held): path for path, held in before.items() if path not in after}
    come = {(_name(path), held): path for path, held in after.items() if path not in before}
    moved = {gone[key]: come[key] for key in gone.keys() & come.keys()}
    for path, to in sorted(moved.items()):
        place = Place(kind=kind, path=to, name=None)
        yield Change(
            ingredient="env", place=place, before=path, after=to, kind="moved", cosmetic=True
        )
    for path in sorted((before.keys() | after.keys()) - moved.keys() - set(moved.values())):
        was = (before[path] or "unknown") if path in before else None
        now = (after[path] or "unknown") if path in after else None
        yield from values("env", Place(kind=kind, path=path, name=None), was, now)


def _name(path: str) -> str:
    return path.partition(":")[2].rpartition("/")[2]
