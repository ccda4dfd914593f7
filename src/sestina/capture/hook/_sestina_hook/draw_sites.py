"""The lines that draw from a global generator before it has a seed, under `--trace-seed`: slow.

From Python 3.12 `sys.monitoring` shows every call together with what is called. Before, a profiler
sees Python functions and those of C, but not what Cython makes of functions, so that NumPy's are
missing with the newest NumPy on an older Python. What libraries draw while they are imported is
left out.
"""

from __future__ import annotations

import sys

from . import at_work, diary, generators

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_counts: dict[tuple[str, str, str, int], int] = {}
_SPARED = ("getstate", "get_state", "setstate", "set_state", "seed")


def watch() -> None:
    """Starts counting in all threads."""
    if sys.version_info >= (3, 12):
        _monitor(sys.monitoring)
        return
    sys.setprofile(_profile)
    threading: Any = sys.modules.get("threading") or __import__("threading")
    threading.setprofile(_profile)


def tell() -> None:
    """Writes the lines and how often each drew."""
    if sys.version_info < (3, 12):
        sys.setprofile(None)
        if "numpy.random.mtrand" in sys.modules and "numpy" not in {key[0] for key in _counts}:
            _counts["numpy", "lines show from 3.12 on", "", 0] = 0
    for (generator, function, file, line), count in sorted(_counts.items()):
        site = {"generator": generator, "function": function, "file": file, "line": line}
        diary.note(dict(site, k="draw_site", count=count))


def _generator(called: Any) -> str | None:
    """Returns the name of the global generator that `called` is a method of."""
    owner = getattr(called, "__self__", None)
    if owner is None:
        return None
    for module, name, generator in _GLOBALS:
        known = sys.modules.get(module)
        if known is not None and owner is vars(known).get(name):
            return generator
    return None


_GLOBALS = (("random", "_inst", "random"), ("numpy.random.mtrand", "_rand", "numpy"))
_OWN = ("random", "numpy.random.mtrand", "_sestina_hook.generators")


def _count(generator: str, called: Any, file: str, line: int) -> None:
    name = getattr(called, "__name__", "?")
    sown = generators.is_sown.get(generator)
    if name not in _SPARED and not at_work.is_library() and not (sown and sown()):
        key = (generator, name, file, line)
        _counts[key] = _counts.get(key, 0) + 1


def _monitor(monitoring: Any) -> None:
    tool = next((free for free in (3, 4) if monitoring.get_tool(free) is None), None)
    if tool is None:
        return
    monitoring.use_tool_id(tool, "sestina")

    def call(code: CodeType, offset: int, called: Any, _: object) -> None:
        generator = _generator(called)
        if generator is None or _is_own(code.co_filename):
            return
        lines: Any = code.co_lines()
        line = next((at for start, stop, at in lines if start <= offset < stop), 0)
        _count(generator, called, code.co_filename, line or 0)

    monitoring.register_callback(tool, monitoring.events.CALL, call)
    monitoring.set_events(tool, monitoring.events.CALL)


def _is_own(file: str) -> bool:
    known = sys.modules.get("random")
    return file == getattr(known, "__file__", None) or "_sestina_hook" in file


def _profile(frame: FrameType, event: str, called: Any) -> None:
    if event == "c_call":
        caller: FrameType | None = frame
    elif event == "call" and frame.f_globals.get("__name__") == "random":
        caller = frame.f_back
        called = _method(frame)
    else:
        return
    if caller is None or caller.f_globals.get("__name__") in _OWN:
        return
    generator = _generator(called)
    if generator is not None:
        _count(generator, called, caller.f_code.co_filename, caller.f_lineno)


def _method(frame: FrameType) -> object:
    """Returns the bound method that `frame` runs, or None."""
    owner = frame.f_locals.get("self")
    return getattr(owner, frame.f_code.co_name, None) if owner is not None else None
