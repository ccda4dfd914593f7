"""Python programs of a run in which the hook was not loaded: a gap each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from sestina.capture import commandline, places
from sestina.capture.observer import Executable
from sestina.records.observation import SeenFile
from sestina.records.paths import Roots
from sestina.records.testimony import Testimony

_WORDLESS = ("3.8.", "3.9.")


def unhooked(
    executables: Sequence[Executable], told: Testimony, files: Sequence[SeenFile]
) -> list[str]:
    """Returns a gap per Python program that ran code of the user's and said nothing of itself."""
    spoke = _spoke(executables, told)
    tools = {file.real for file in files if file.kind in ("distribution", "library", "system")}
    gaps = []
    for program in executables:
        if not places.INTERPRETER.search(program.path) or program in spoke:
            continue
        words = [os.fsdecode(word) for word in program.argv]
        last = commandline.code_words(words)
        if last < 2 or words[last - 1] in ("-V", "--version", "-h", "--help", "-VV"):
            continue
        if os.fsencode(os.path.realpath(words[last - 1])) in tools:
            continue  # a tool of the system's, such as lsb_release: its imports tell nothing
        said = " ".join(commandline.recorded_words(words[:last], Roots(project=b"")))
        gaps.append(f"hook not loaded in '{said if len(said) < 60 else said[:60] + '…'}'")
    return gaps


def _spoke(executables: Sequence[Executable], told: Testimony) -> set[Executable]:
    """Returns the programs that the hook spoke in.

    Where a process became Python more often than it spoke, the words of the command decide; Python
    before 3.10 does not know them, and is believed.
    """
    spoken = {(one.pid, tuple(map(os.fsencode, one.argv))) for one in told.interpreters}
    times = Counter(pid for pid, _ in spoken)
    believed = {one.pid for one in told.interpreters if one.version_info.startswith(_WORDLESS)}
    pythons = {one for one in executables if places.INTERPRETER.search(one.path)}
    became = Counter(one.pid for one in pythons)
    return {
        one
        for one in pythons
        if times[one.pid] >= became[one.pid] or (one.pid, one.argv) in spoken or one.pid in believed
    }
