"""Tells what a Python process knows about itself: imports, parameters, seeds, variables.

It runs inside the user's program, before any of their code: Python 3.8 syntax, standard library
only, and next to nothing imported until it is needed. Three rules hold everywhere: it never
raises into user code, never prints, and never changes the type or identity of anything that user
code sees. It watches functions by giving them another `__code__` (see `taps`).

What remains visible to a program that looks for it: `SESTINA_HOOK` and `SESTINA_RUN` in the
environment; `_sestina_hook*` in `sys.modules`; a last finder in `sys.meta_path`; one more frame in
the traceback of a watched function; and, in children that are not Python, the hook's folder in
PYTHONPATH. A child started by `os.posix_spawn` or `os.execve` with an environment of its own is
not followed, because those two cannot be watched without replacing them.
"""

from __future__ import annotations

import atexit
import os
import sys

from . import arrivals, diary, environment, last_resort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def begin(folder: str, told: str | None) -> None:
    """Starts observing this process; `told` is the folder to write to, or None to do nothing."""
    environment.hide(folder)
    if not told or not os.path.isdir(told):
        return
    diary.begin(told)
    _start()
    environment.watch(folder)
    arrivals.expect_all()
    last_resort.serve(folder)
    if os.environ.get("SESTINA_HOOK_OPENS") == "1":
        late("opens").watch(told)
    if os.environ.get("SESTINA_TRACE_SEED") == "1":
        late("draw_sites").watch()
    atexit.register(end)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=diary.turn_page)


def end() -> None:
    """Writes what can only be said at the end; a second call in one process does nothing."""
    if not diary.close():
        return
    late("farewell").tell()
    diary.note({"k": "exit", "complete": True})


def late(room: str) -> ModuleType:
    """Returns a part of the hook, imported now.

    Its bytecode is kept even where the program keeps none of its own: compiling the hook at the
    start of every process costs more than all that it does there.
    """
    keeps_none = sys.dont_write_bytecode
    sys.dont_write_bytecode = False
    try:
        part: ModuleType = __import__("_sestina_hook." + room, None, None, ["_"])
    finally:
        sys.dont_write_bytecode = keeps_none
    return part


def _start() -> None:
    flags = sys.flags
    diary.note(
        {
            "k": "start",
            "executable": sys.executable,
            "prefix": sys.prefix,
            "base_prefix": sys.base_prefix,
            "exec_prefix": sys.exec_prefix,
            "version": sys.version,
            "version_info": ".".join(str(part) for part in sys.version_info[:3]),
            "implementation": sys.implementation.name,
            "cache_tag": sys.implementation.cache_tag,
            "platform": sys.platform,
            "flags": {
                "isolated": flags.isolated,
                "ignore_environment": flags.ignore_environment,
                "no_site": flags.no_site,
                "hash_randomization": flags.hash_randomization,
            },
            "argv": getattr(sys, "argv", []),
            "orig_argv": getattr(sys, "orig_argv", []),
            "path": sys.path,
            "cwd": diary.cwd(),
        }
    )
