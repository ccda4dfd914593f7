"""Which bytes of config files, `.env` files and settings modules are seeds."""

from __future__ import annotations

import re

from sestina.errors import InvalidInput
from sestina.ingredients.cuts import Cut
from sestina.ingredients.params.cut import is_settings_module
from sestina.ingredients.params.keys import format_of, leaves
from sestina.ingredients.params.leaves import Leaf, flatten
from sestina.ingredients.params.read_python import assignments
from sestina.ingredients.seed.names import is_seed_key
from sestina.records.observation import SeenFile
from sestina.records.settings import Settings

_HINT = re.compile(rb"seed|random.?state", re.IGNORECASE)


def cuts(file: SeenFile, text: bytes, settings: Settings) -> list[Cut]:
    """Returns a cut per value of a seed key; in a settings module, per seed's assignment.

    A seed inside a bigger literal of a settings module is cut from that literal.
    """
    if not _HINT.search(text):
        return []
    try:
        if file.kind != "code":
            form = "dotenv" if file.kind == "dotenv" else format_of(file.path)
            return _of(leaves(text, form), text) if form else []
        return _module(text) if is_settings_module(file.path, settings) else []
    except InvalidInput:
        return []


def _module(text: bytes) -> list[Cut]:
    found: list[Cut] = []
    for held in assignments(text):
        if is_seed_key((held.name,)):
            start, end = held.span
            found.append(Cut(start, end, held.name, "seed", text[start:end]))
        else:
            found += _of(flatten(held.value, (held.name,)), text)
    return found


def _of(found: list[Leaf], text: bytes) -> list[Cut]:
    return [
        Cut(start, end, name, "seed", text[start:end])
        for leaf in found
        if is_seed_key(leaf.parts)
        for name, start, end in leaf.places()
    ]
