"""Values after defaults, as the program's own parser had them: facts beneath their origin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sestina.ingredients.params.cut import is_withheld
from sestina.ingredients.params.knobs import key_parts
from sestina.kernel.ids import RecordId
from sestina.kernel.withhold import WITHHELD
from sestina.records.facts import Effective
from sestina.records.ingredient import CodeRecord, ParamsRecord
from sestina.records.testimony import Testimony

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_WORD = re.compile(rb"[A-Za-z_]\w*")


def effective(testimony: Testimony) -> tuple[Effective, ...]:
    """Returns every parameter after its parser had filled in defaults, sorted, each once.

    `given` is False where a default was used: nobody chose the value in this run.
    """
    found = {
        Effective(
            by=one.by,
            name=one.name,
            value=WITHHELD if is_withheld(one.name, one.value) else one.value,
            given=one.given,
        )
        for one in testimony.effective
    }
    return tuple(sorted(found, key=lambda one: (one.by, one.name, one.value, one.given)))


def silent_defaults(found: Iterable[Effective]) -> tuple[Effective, ...]:
    """Returns the parameters whose default was used."""
    return tuple(one for one in found if not one.given)


def unreferenced(
    params: RecordId, code: RecordId, repo: Repo, known: Iterable[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Returns the keys, as (file, dotted name), that no executed source mentions.

    Such a key is often a typo: the program falls back to a default. A key counts as mentioned when
    its last part is a word of some source, or one of `known` (names that a library took, as those
    of effective parameters and of estimators).
    """
    words = {_plain(name.rpartition(".")[2]) for name in known} | _words(code, repo)
    parts = key_parts(repo.records.get(params, ParamsRecord), repo)
    return tuple(
        (path, name)
        for (path, name), said in sorted(parts.items())
        if (last := _last(said)) and not set(re.findall(r"\w+", last)) <= words
    )


def _words(code: RecordId, repo: Repo) -> set[str]:
    from sestina.ingredients.changes import read
    from sestina.store import trees

    found: set[str] = set()
    for leaf in trees.walk(repo, repo.records.get(code, CodeRecord).files):
        text = read(leaf, repo) if leaf.mode != "link" else None
        found.update(_plain(word.decode()) for word in set(_WORD.findall(text or b"")))
    return found


def _last(parts: tuple[str, ...]) -> str:
    """Returns the last part of a key that is no position in a list."""
    named = [part for part in parts if not part.isdecimal()]
    return _plain(named[-1]) if named else ""


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").lower()
