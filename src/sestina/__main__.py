"""`python -m sestina` and the `sestina` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Returns the exit code of the command line in `sys.argv`."""
    from sestina.cli import main as run_cli

    return run_cli(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
