"""Values after defaults, as the program's own parser had them: facts beneath their origin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sestina.ingredients.params.cut import is_withheld
from sestina.ingredients.params.knobs import key_parts
from sestina.kernel.ids import RecordId
from sestina.kernel.withhold import WITHHELD
from sestina.records.answers import Item
from sestina.records.facts import Effective
from sestina.records.ingredient import ParamsRecord
from sestina.records.testimony import Testimony

if TYPE_CHECKING:
    from sestina.store.repo import Repo

UNREFERENCED = "in no source"
"""What is remarked of a key that no executed source mentions."""

COMPOSED = ("hydra", "omegaconf")
"""Parsers whose effective values are the keys of config files, and overrides of them."""

_WORD = re.compile(rb"[A-Za-z_]\w*")
_PLACEHOLDER = re.compile(rb'"sestina\d*:\w+:[^"]*"')


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


def taken(found: Iterable[Effective]) -> tuple[str, ...]:
    """Returns the names that a parser declares or an estimator takes, of effective values.

    A composed config tells whatever its files hold, typos included, so it is no witness for a key;
    what it reads itself is `defaults` and `hydra`.
    """
    names = dict.fromkeys(
        name
        for one in found
        for name in (("defaults", "hydra") if one.by in COMPOSED else (one.name,))
    )
    return tuple(names)


def unreferenced(
    params: RecordId, sources: Iterable[RecordId], repo: Repo, known: Iterable[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Returns the keys, as (file, dotted name), that no executed source mentions.

    Such a key is often a typo: the program falls back to a default. A key counts as mentioned when
    its first and its last part (of a settings module: the variable) are words of a source in
    `sources` (the records of code and features), or of `known` (see `taken`). The arguments of what
    a config builds by itself (`_target_`) are its own affair.
    """
    words = {_plain(name.rpartition(".")[2]) for name in known}
    for source in sources:
        words |= _words(source, repo)
    parts = key_parts(repo.records.get(params, ParamsRecord), repo)
    built = {(path, said[:-1]) for (path, _), said in parts.items() if said[-1:] == ("_target_",)}
    return tuple(
        (path, name)
        for (path, name), said in sorted(parts.items())
        if not all(set(re.findall(r"\w+", part)) <= words for part in _telling(path, said))
        if not any((path, said[:above]) in built for above in range(len(said)))
    )


def marked(items: Iterable[Item], keys: Iterable[tuple[str, str]]) -> tuple[Item, ...]:
    """Returns the items of a description of params, those of `keys` remarked as unreferenced."""
    found = set(keys)
    return tuple(
        replace(item, remark=f"{item.remark}, {UNREFERENCED}")
        if (item.remark, item.name) in found
        else item
        for item in items
    )


def _words(source: RecordId, repo: Repo) -> set[str]:
    from sestina.ingredients.changes import read
    from sestina.store import trees

    record = repo.records.get_any(source)
    leaves = trees.walk(repo, record.files) if hasattr(record, "files") else ()
    texts = [read(leaf, repo) or b"" for leaf in leaves if leaf.mode != "link"]
    blobs = [span.blob for span in getattr(record, "spans", ()) if span.blob]
    texts += [repo.contents.read(blob) for blob in blobs if repo.contents.has(blob)]
    found: set[str] = set()
    for text in texts:
        words = set(_WORD.findall(_PLACEHOLDER.sub(b"", text)))
        found.update(_plain(word.decode()) for word in words)
    return found


def _telling(path: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the parts of a key that a source would mention: the variable, or both its ends."""
    named = [_plain(part) for part in parts if not part.isdecimal()]
    return tuple(named[:1] if path.endswith(".py") else {*named[:1], *named[-1:]})


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").lower()
