"""What differs in params: keys, arguments, variables, recorded values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from sestina.ingredients.changes import difference
from sestina.ingredients.params.arguments import arguments
from sestina.ingredients.params.knobs import Knobs, knobs
from sestina.kernel.ids import RecordId
from sestina.kernel.withhold import WITHHELD
from sestina.records.answers import Change, Difference, Place
from sestina.records.ingredient import ParamsRecord, Setting

if TYPE_CHECKING:
    from sestina.store.repo import Repo

FLAG = "given"
"""What an option without a value is shown as."""


def diff(a: RecordId, b: RecordId, repo: Repo) -> Difference:
    """Returns the knobs that differ; formatting, comments and order alone are cosmetic."""
    if a == b:
        return Difference(changes=())
    old, new = repo.records.get(a, ParamsRecord), repo.records.get(b, ParamsRecord)
    before, after = knobs(old, repo), knobs(new, repo)
    changes = [
        change
        for path in before.keys() | after.keys()
        for change in _file(path, before.get(path), after.get(path))
    ]
    changes += _arguments(old.arguments, new.arguments)
    changes += settings("params", "variable", old.variables, new.variables)
    changes += settings("params", "recorded", old.recorded, new.recorded)
    return difference(changes)


def _file(path: str, old: Knobs | None, new: Knobs | None) -> Iterator[Change]:
    was, now = old.keys if old else {}, new.keys if new else {}
    place = Place(kind="file", path=path, name=None)
    if was is None or now is None:
        if old is None or new is None or old.state != new.state:
            yield from values("params", place, _state(old), _state(new))
        return
    found = list(keyed("params", Place(kind="key", path=path, name=""), was, now))
    yield from found
    if old and new and old.state != new.state and not found:
        yield from values("params", place, _state(old), _state(new), cosmetic=True)
    elif (old is None or new is None) and not found:
        yield from values("params", place, _state(old), _state(new))


def _state(held: Knobs | None) -> str | None:
    """Returns the id of a file's bytes; for a settings module, how many settings it holds."""
    if held is None:
        return None
    return (
        held.state[0] if held.state and " " not in held.state[0] else f"{len(held.state)} settings"
    )


def _arguments(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yields what differs by name; the same options in another spelling or order are cosmetic."""
    was, now = _options(old), _options(new)
    found = list(keyed("params", Place(kind="argument", path=None, name=""), was, now))
    yield from found
    if not found and old != new:
        place = Place(kind="argument", path=None, name=None)
        yield from values("params", place, " ".join(old), " ".join(new), cosmetic=True)


def _options(words: Sequence[str]) -> dict[str, str]:
    return {
        found.name: FLAG if found.value is None else found.value
        for found in arguments(words)
        if not found.is_seed
    }


def settings(
    ingredient: str, kind: str, old: Sequence[Setting], new: Sequence[Setting]
) -> Iterator[Change]:
    """Yields the named values that differ; one that is withheld says so."""
    was = {held.name: WITHHELD if held.value is None else held.value for held in old}
    now = {held.name: WITHHELD if held.value is None else held.value for held in new}
    yield from keyed(ingredient, Place(kind=kind, path=None, name=""), was, now)


def keyed(
    ingredient: str, place: Place, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Change]:
    """Yields a change per name whose value differs; `place` says what kind they are, and where."""
    for name in sorted(old.keys() | new.keys()):
        named = Place(kind=place.kind, path=place.path, name=name)
        yield from values(ingredient, named, old.get(name), new.get(name))


def values(
    ingredient: str,
    place: Place,
    before: str | None,
    after: str | None,
    *,
    cosmetic: bool = False,
) -> Iterator[Change]:
    """Yields the change between two values, none where they are equal and it is not cosmetic."""
    if before == after and not cosmetic:
        return
    kind: Literal["added", "removed", "changed"] = "changed"
    if before is None or after is None:
        kind = "added" if before is None else "removed"
    yield Change(
        ingredient=ingredient, place=place, before=before, after=after, kind=kind, cosmetic=cosmetic
    )
