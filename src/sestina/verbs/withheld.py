"""The key under which withheld values become codes: a change of one shows, the value does not."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from sestina.errors import Conflict, NotFound, SestinaError

if TYPE_CHECKING:
    from sestina.records.ingredient import Setting
    from sestina.records.observation import Observation
    from sestina.records.settings import Settings
    from sestina.store.repo import Repo

_KEY = "keys/withheld"
_KEY_BYTES = 32


def variables(repo: Repo, seen: Observation, settings: Settings) -> tuple[Setting, ...]:
    """Returns a code per value of the run that enters no record, under the repo's own key; None
    for a variable that was asked for and not set.

    The key is random, made once, and part of no record. On a full disk there are no codes: the
    run itself matters more.
    """
    from sestina.ingredients.params.withheld import withheld

    try:
        return withheld(seen, settings, _key(repo))
    except SestinaError:
        return ()


def known(repo: Repo, seen: Observation, settings: Settings) -> tuple[Setting, ...]:
    """Returns what `variables` would, writing nothing: none in a repo that has no key yet."""
    from sestina.ingredients.params.withheld import withheld

    try:
        return withheld(seen, settings, repo.backend.get(_KEY))
    except NotFound:
        return ()


def code_of(repo: Repo, value: str) -> str | None:
    """Returns the code of a variable's value, None in a repo that has given none yet."""
    try:
        key = repo.backend.get(_KEY)
    except NotFound:
        return None
    return "hmac-sha256:" + hmac.new(key, os.fsencode(value), hashlib.sha256).hexdigest()


def _key(repo: Repo) -> bytes:
    try:
        return repo.backend.get(_KEY)
    except NotFound:
        try:
            repo.backend.put(_KEY, os.urandom(_KEY_BYTES))
        except Conflict:
            pass
        return repo.backend.get(_KEY)
