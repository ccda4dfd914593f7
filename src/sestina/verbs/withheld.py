"""Values that are not kept: what is kept instead is a keyed code, so that a change still shows."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from sestina.errors import Conflict, NotFound, SestinaError
from sestina.kernel import withhold
from sestina.records.ingredient import Setting
from sestina.records.observation import Observation

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_KEY = "keys/withheld"
_SHOWN = 16


def variables(repo: Repo, seen: Observation) -> tuple[Setting, ...]:
    """Returns the HMAC-SHA256 (64 bits of it) of every secret variable that Python code read.

    The key is random, made once per repo, and never leaves it: equal codes in one repo mean equal
    values, and a code says nothing to whoever has not got the key.
    """
    names = sorted({read.name for read in seen.testimony.env_reads if read.name in seen.environ})
    kept_back = [name for name in names if is_withheld(name, seen.environ[name])]
    if not kept_back:
        return ()
    try:
        key = _key(repo)
    except SestinaError:  # a full disk: the run itself matters more
        return ()
    return tuple(Setting(name=name, value=_code(key, seen.environ[name])) for name in kept_back)


def is_withheld(name: str, value: str) -> bool:
    """Returns whether a variable's value is kept out of the repo."""
    return withhold.secret_name(name) or withhold.has_secret(value)


def code_of(repo: Repo, value: str) -> str | None:
    """Returns the code that `variables` gives to a value, None in a repo that gave none yet."""
    try:
        return _code(repo.backend.get(_KEY), value)
    except NotFound:
        return None


def _code(key: bytes, value: str) -> str:
    return hmac.new(key, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:_SHOWN]


def _key(repo: Repo) -> bytes:
    try:
        return repo.backend.get(_KEY)
    except NotFound:
        try:
            repo.backend.put(_KEY, secrets.token_bytes(32))
        except Conflict:
            pass
        return repo.backend.get(_KEY)
