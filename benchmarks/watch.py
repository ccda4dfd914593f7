"""Runs a command under the observer and the hook alone: no repo, no seal. See `capture.py`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from sestina.capture.hooking import environment
from sestina.capture.observer import Command
from sestina.capture.pick import pick
from sestina.capture.preimages import Preimages
from sestina.records.settings import Settings


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "hook"
        told.mkdir()
        hooked = environment(dict(os.environ), folder=told, run="watch")
        keep = Preimages(Path(folder) / "kept", size_cap=Settings().size_cap)
        return pick().observe(Command(argv=tuple(sys.argv[1:]), environ=hooked), keep).exit


if __name__ == "__main__":
    sys.exit(main())
