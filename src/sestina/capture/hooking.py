"""The environment in which a command's Python processes load the hook."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

HOOK = Path(__file__).parent / "hook"
"""The folder that stands at the head of PYTHONPATH."""


def environment(
    environ: Mapping[str, str],
    *,
    folder: Path,
    run: str,
    opens: bool = False,
    trace_seed: bool = False,
) -> dict[str, str]:
    """Returns a copy of `environ` in which every Python started tells what it does.

    `folder` exists, is private to this run and writable by the command. `opens` records files as
    well, for machines without a kernel observer; `trace_seed` the lines that draw at random.
    """
    hooked = dict(environ)
    shadowed = environ.get("PYTHONPATH")
    # An empty entry would put the working directory on the path.
    hooked["PYTHONPATH"] = os.pathsep.join([str(HOOK), *([shadowed] if shadowed else [])])
    hooked["SESTINA_HOOK"] = str(folder)
    hooked["SESTINA_RUN"] = run
    for name, wanted in (("SESTINA_HOOK_OPENS", opens), ("SESTINA_TRACE_SEED", trace_seed)):
        hooked.pop(name, None)
        if wanted:
            hooked[name] = "1"
    return hooked
