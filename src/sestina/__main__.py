"""`python -m sestina` and the `sestina` command."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

_GARBAGE = 100_000
"""A command makes modules and records, hardly a circle: looking for circles often is wasted."""


def main() -> NoReturn:
    """Runs the command line in `sys.argv` and ends the process with its exit code.

    All is closed and flushed by then, so the interpreter is left without taking every module
    apart, which would be a tenth of the time that `status` takes.
    """
    gc.set_threshold(_GARBAGE)
    from sestina.cli import main as run_cli

    code = run_cli(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass
    os._exit(code)


if __name__ == "__main__":
    main()
