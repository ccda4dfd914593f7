"""The one exception tree, ordered by what a handler would do about it.

    SestinaError
    ├── NotFound(KeyError)        ask for something that exists
    ├── InvalidInput(ValueError)  change the argument
    ├── Conflict                  look again, then retry
    ├── Refused                   a guard said no: satisfy it or override it on purpose
    ├── Corrupt                   bytes are not what their id says: heal from a copy
    ├── Unavailable               disk, network, permission: retry when it is back
    ├── Unsupported               this format or platform cannot do it
    └── Bug                       sestina is wrong: report it

Every error carries a stable `code` (append-only, listed in docs/reference/errors.md), *what*
happened, *why*, and a *hint*: a command that works.
"""

from __future__ import annotations


class SestinaError(Exception):
    """The root of everything sestina raises on purpose."""

    exit_code = 70

    def __init__(self, code: str, what: str, *, why: str | None = None, hint: str | None = None):
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        """Returns the error as people see it: at most three lines."""
        lines = [f"error[{self.code}]: {self.what}"]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.hint:
            lines.append(f"  try: {self.hint}")
        return "\n".join(lines)


class NotFound(SestinaError, KeyError):
    """The name or id that was asked for does not exist."""

    exit_code = 3


class InvalidInput(SestinaError, ValueError):
    """An argument or a file from outside cannot be used as it is."""

    exit_code = 2


class Conflict(SestinaError):
    """Somebody else was first: look again, then retry."""

    exit_code = 4


class Refused(SestinaError):
    """A guard said no."""

    exit_code = 6


class Corrupt(SestinaError):
    """Stored bytes are not what their id says."""

    exit_code = 5


class Unavailable(SestinaError):
    """A disk, a network or a permission stands in the way for now."""

    exit_code = 7


class Unsupported(SestinaError):
    """This repository format, platform or file kind is beyond what this version can do."""

    exit_code = 8


class Bug(SestinaError):
    """A state that cannot be, so sestina itself is wrong."""

    exit_code = 70
