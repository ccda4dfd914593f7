"""`python -m sestina` and the `sestina` command."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

_INTERRUPTED = 130
_GARBAGE = 100_000
"""A command makes modules and records, hardly a circle: looking for circles often is wasted."""


def main() -> NoReturn:
    """Runs the command line in `sys.argv` and ends the process with its exit code.

    All is closed and flushed by then, so the interpreter is left without taking every module
    apart, which would be a tenth of the time that `status` takes.
    """
    gc.set_threshold(_GARBAGE)
    _stand_in_for_closed_streams()
    _forget_coerced_locale()
    try:
        from sestina.cli import main as run_cli

        code = run_cli(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were still being imported
        code = _INTERRUPTED
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass
    os._exit(code)


def _stand_in_for_closed_streams() -> None:
    """Opens the null device where we were started with a closed stream, as in `sestina log >&-`.

    Else a file of the repo would be descriptor 1. A command that we start finds it closed still.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(descriptor, mode, closefd=descriptor != number))


def _forget_coerced_locale() -> None:
    """Takes LC_CTYPE out of the environment where this interpreter put it there (PEP 538).

    What we start is to find the environment that we were started with, and nothing more.
    """
    if os.environ.get("LC_CTYPE") not in ("C.UTF-8", "C.utf8", "UTF-8"):
        return
    try:
        with open("/proc/self/environ", "rb") as given:
            if not any(entry.startswith(b"LC_CTYPE=") for entry in given.read().split(b"\0")):
                del os.environ["LC_CTYPE"]
    except OSError:
        pass


if __name__ == "__main__":
    main()
