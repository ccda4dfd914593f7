"""Values that are withheld, as keyed ids: a change of one still shows, the value does not.

And variables that code asked for and that had no value: to set one would change the params.

HMAC (RFC 2104) with SHA-256 under a key that never leaves the repo, so that a short secret cannot
be found by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from sestina.ingredients.params.cut import cuts, is_withheld
from sestina.ingredients.params.variables import owner
from sestina.records.ingredient import Setting
from sestina.records.observation import Observation
from sestina.records.settings import Settings

_MAX_TEXT = 1 << 20
_IN_FILES = ("dotenv", "config", "code")


def withheld(seen: Observation, settings: Settings, key: bytes) -> tuple[Setting, ...]:
    """Returns a keyed id per value of the run that enters no record, sorted by name.

    These are secrets in variables that code read, in `.env`, config files and settings modules.
    A variable that code asked for and that was not set has None. `seen` is the whole observation;
    `key` are the repo's own secret bytes.
    """
    read = {asked.name for asked in seen.testimony.env_reads if asked.is_set}
    found = {
        name: os.fsencode(value)
        for name, value in seen.environ.items()
        if is_withheld(name, value) and (name in read or owner(name, is_read=False) != "fact")
    }
    for file in seen.files:
        if file.kind in _IN_FILES and file.size <= _MAX_TEXT:
            text = _read(file.at)
            for cut in cuts(file, text, settings) if text else ():
                if cut.data is None:
                    found[f"{file.path} {cut.name}"] = text[cut.start : cut.end]
    keyed = [Setting(name=name, value=_keyed(value, key)) for name, value in found.items()]
    return tuple(sorted([*keyed, *_unset(seen)], key=lambda one: one.name))


def _unset(seen: Observation) -> list[Setting]:
    asked = {asked.name for asked in seen.testimony.env_reads} - seen.environ.keys()
    return [
        Setting(name=name, value=None) for name in asked if owner(name, is_read=True) == "params"
    ]


def _keyed(value: bytes, key: bytes) -> str:
    return "hmac-sha256:" + hmac.new(key, value, hashlib.sha256).hexdigest()


def _read(path: bytes) -> bytes:
    """Returns the text of a regular file, empty where it is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            text = file.read(_MAX_TEXT)
            text.decode()
            return text
    except (OSError, ValueError):
        return b""
