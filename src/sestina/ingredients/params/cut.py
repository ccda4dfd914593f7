"""Which bytes of code and config files are params: literals of settings modules, `.env` values.

Secrets are cut too, and withheld: no residue shows them.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from sestina.errors import InvalidInput
from sestina.ingredients.cuts import Cut
from sestina.ingredients.logical import as_in_settings
from sestina.ingredients.params.keys import format_of, leaves
from sestina.ingredients.params.leaves import Leaf, flatten
from sestina.ingredients.params.read_python import assignments
from sestina.kernel.withhold import has_secret, secret_name
from sestina.records.observation import SeenFile
from sestina.records.settings import Settings, covering

MODULES = ("settings.py", "config.py", "conf.py", "params.py", "hparams.py", "constants.py")
"""Names of Python files that people keep settings in; `params` in sestina.toml names more."""

_WORD = re.compile(r"[A-Za-z0-9+=]{16,}")
_HIDDEN_BITS = 3.5
_TABLES = ("secrets", "credentials", "passwords")
"""Tables and lists whose members are all secret."""


def cuts(file: SeenFile, text: bytes, settings: Settings) -> list[Cut]:
    """Returns a cut per top-level literal of a settings module, per `.env` value, per secret."""
    allowed = covering(settings.allow, as_in_settings(file.path)) is not None
    try:
        if file.kind == "code":
            return _module(file, text, settings, allowed)
        return _keys(file, text, allowed)
    except InvalidInput:
        return []


def is_settings_module(path: str, settings: Settings) -> bool:
    """Returns whether a Python file's top-level literals are params."""
    shown = as_in_settings(path)
    return path.endswith(".py") and covering((*MODULES, *settings.params), shown) is not None


def is_withheld(name: str, value: str) -> bool:
    """Returns whether a value is withheld: its name or its form is that of a secret."""
    return bool(value) and (secret_name(name) or has_secret(value))


def is_opaque(value: str) -> bool:
    """Returns whether a word in `value` mixes letters and digits as random ones do.

    Only where secrets are at home (`.env`) is that reason enough to withhold it; ids of data and
    commits, which are hexadecimal, are no secrets.
    """
    return any(_is_random(word) for word in _WORD.findall(value))


def _is_random(word: str) -> bool:
    counts = Counter(word).values()
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in counts)
    return bits > _HIDDEN_BITS and all(
        re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]")
    )


def _module(file: SeenFile, text: bytes, settings: Settings, allowed: bool) -> list[Cut]:
    if not is_settings_module(file.path, settings):
        return []
    found = []
    for held in assignments(text):
        source = text[held.span[0] : held.span[1]]
        secret = not allowed and (
            is_withheld(held.name, source.decode())
            or any(_secret(leaf, opaque=False) for leaf in flatten(held.value, (held.name,)))
        )
        found.append(Cut(*held.span, held.name, "params", None if secret else source))
    return found


def _keys(file: SeenFile, text: bytes, allowed: bool) -> list[Cut]:
    """Returns all values of a `.env`, and the secrets in any other config file."""
    form = "dotenv" if file.kind == "dotenv" else format_of(file.path)
    if form is None:
        return []
    found = []
    for leaf in leaves(text, form):
        secret = not allowed and _secret(leaf, opaque=form == "dotenv")
        if secret or form == "dotenv":
            for name, start, end in leaf.places():
                found.append(Cut(start, end, name, "params", None if secret else text[start:end]))
    return found


def _secret(leaf: Leaf, *, opaque: bool) -> bool:
    kept = leaf.text not in ("null", "true", "false", '""', "{}", "[]")
    inside = any(part.lower() in _TABLES for part in leaf.parts)
    return kept and (
        inside
        or is_withheld("".join(leaf.parts[-1:]), leaf.text)
        or (opaque and is_opaque(leaf.text))
    )
