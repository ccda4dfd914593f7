"""What one command sets, checked and numbered on the journal's head, again for every new head."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sestina.errors import Bug, Conflict, Corrupt, InvalidInput
from sestina.kernel.ids import is_id, short
from sestina.records import names
from sestina.records.entry import Effect, Entry
from sestina.store.catalog.catalog import Catalog
from sestina.store.journal import Head, Journal
from sestina.store.records import Records

NOTHING = "none"
"""As `expect`: the ref must not be set."""

_ATTEMPTS = 500
_PAUSE_SECONDS = 0.01
_WORDS = {"version": "model", "tag": "tag", "name": "run", "keep": "keep"}


def check(effects: Sequence[Effect], records: Records) -> None:
    """Returns if these effects can be committed; raises InvalidInput or Bug."""
    for effect in effects:
        if effect.kind in _WORDS:
            names.checked(effect.name, _WORDS[effect.kind])
        elif effect.kind == "purge" and not is_id(effect.name):
            raise InvalidInput("invalid-input/id", f"'{effect.name}' is not the id of a blob")
        if effect.record is not None and not records.has(effect.record):
            raise Bug("bug/effect", f"the effect '{effect.kind}' names a record that is not here")


def numbered(effects: Sequence[Effect], catalog: Catalog) -> tuple[Effect, ...]:
    """Returns the effects with a number for every new version, counting on from the catalog."""
    given: dict[str, int] = {}
    done = []
    for effect in effects:
        if effect.kind == "version" and effect.number is None and effect.record is not None:
            number = given.get(effect.name) or catalog.next_number(effect.name)
            given[effect.name] = number + 1
            effect = replace(effect, number=number)
        done.append(effect)
    return tuple(done)


def check_refs(effects: Sequence[Effect], expect: str | None, catalog: Catalog) -> None:
    """Returns if the refs are as the writer requires; raises Conflict.

    A tag never moves: it can be set anew only after it was taken away.
    """
    if expect is not None:
        current = _current(effects[0], catalog) if effects else None
        if current != (None if expect == NOTHING else expect):
            raise Conflict(
                "conflict/expect",
                f"'{effects[0].name if effects else ''}' is not what it was expected to be",
                why=f"it stands for {short(current) if current else 'nothing'} now",
            )
    for effect in effects:
        if effect.kind == "tag" and effect.record is not None:
            current = catalog.last("tag", effect.name)
            if current not in (None, effect.record):
                raise Conflict(
                    "conflict/tag",
                    f"tag/{effect.name} stands for {short(current)} already",
                    why="a tag never moves",
                    hint=f"sestina show tag/{effect.name}",
                )


def append(journal: Journal, catalog: Catalog, make: Callable[[Head], Entry]) -> Entry:
    """Returns the entry that was appended; `make` is asked again whenever another was first."""
    for attempt in range(_ATTEMPTS):
        head = catalog.follow()
        entry = make(head)
        try:
            journal.append(entry)
        except Conflict:
            if catalog.follow().seq == head.seq:
                raise _cannot_be_read(head.seq + 1) from None
            import random

            time.sleep(_PAUSE_SECONDS * random.random() * min(attempt, 10))
            continue
        catalog.follow()
        return entry
    raise Conflict("conflict/busy", "the journal grew each time an entry was to be appended")


def default_actor() -> str:
    """Returns who is at work: `SESTINA_ACTOR`, else the name of the operating system's user."""
    named = os.environ.get("SESTINA_ACTOR")
    if named:
        return named
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def _current(effect: Effect, catalog: Catalog) -> str | None:
    if effect.kind == "version":
        versions = catalog.versions(effect.name)
        return versions[-1].id if versions else None
    return catalog.last(effect.kind, effect.name)


def _cannot_be_read(seq: int) -> Corrupt:
    return Corrupt(
        "corrupt/journal",
        f"entry {seq} of the journal exists and cannot be read",
        why="nothing can be appended after an entry that is damaged",
        hint="sestina check",
    )
