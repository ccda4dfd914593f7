"""The keys of a config file, whatever its format, under names and values that can be compared."""

from __future__ import annotations

import importlib
import re
from typing import Literal

from sestina.ingredients.params.leaves import MAX_BYTES, Leaf, unreadable

Format = Literal["yaml", "json", "toml", "ini", "dotenv", "python"]

_BY_SUFFIX: dict[bytes, Format] = {
    b"yaml": "yaml", b"yml": "yaml", b"json": "json", b"toml": "toml", b"ini": "ini",
    b"cfg": "ini", b"conf": "ini", b"properties": "ini", b"env": "dotenv", b"py": "python",
}  # fmt: skip
_DOTENV = re.compile(rb"\.env(?:\..+|rc)?|.+\.env")


def format_of(path: str) -> Format | None:
    """Returns the format of a config file by its name, None where no reader knows it.

    >>> format_of("project:conf/train.yml"), format_of("project:.env.local"), format_of("abs:x")
    ('yaml', 'dotenv', None)
    """
    name = path.rpartition(":")[2].rpartition("/")[2].encode().lower()
    if _DOTENV.fullmatch(name):
        return "dotenv"
    return _BY_SUFFIX.get(name.rpartition(b".")[2]) if b"." in name else None


def keys(text: bytes, format: Format) -> dict[str, str]:  # noqa: A002 - the word is right
    """Returns the canonical value of every dotted key.

    Two files that mean the same have the same keys: `1e-3` is `0.001`, and order, comments,
    quoting and line endings do not count. Of a key that is given twice the last stands. Raises
    InvalidInput (`invalid-input/config-file`) for a file that is not of its format, and for one
    that unfolds beyond bounds.

    >>> keys(b"train:\\n  lr: 1e-3  # small\\n", "yaml")
    {'train.lr': '0.001'}
    """
    return {leaf.name: leaf.text for leaf in leaves(text, format)}


def leaves(text: bytes, format: Format) -> list[Leaf]:  # noqa: A002
    """Returns the values of a config file with the bytes where they stand; raises as `keys`."""
    if len(text) > MAX_BYTES:
        raise unreadable(f"it is longer than {MAX_BYTES} bytes")
    reader = importlib.import_module(f"sestina.ingredients.params.read_{format}")
    try:
        found: list[Leaf] = reader.read(text)
    except UnicodeDecodeError as error:
        raise unreadable(f"it is not UTF-8 at byte {error.start}") from None
    except (RecursionError, MemoryError):
        raise unreadable("it is nested too deeply") from None
    return found
