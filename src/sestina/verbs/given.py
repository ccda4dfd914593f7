"""The environment that this command was given, which is the one that the next command gets."""

from __future__ import annotations

import os

_COERCED = {"C.UTF-8", "C.utf8", "UTF-8"}


def given() -> dict[str, str]:
    """Returns the environment variables of this process as its caller set them.

    In the C locale Python puts LC_CTYPE into its own environment before it starts (PEP 538); a
    command that is run must not inherit what nobody set.
    """
    variables = dict(os.environ)
    if variables.get("LC_CTYPE") in _COERCED and "LC_CTYPE" not in _at_start():
        del variables["LC_CTYPE"]
    return variables


def _at_start() -> set[str]:
    try:
        with open("/proc/self/environ", "rb") as file:
            pairs = file.read().split(b"\0")
    except OSError:  # no Linux: believe what Python says
        return {"LC_CTYPE"}
    return {os.fsdecode(pair.partition(b"=")[0]) for pair in pairs}
