"""Watches a pure Python function without replacing it.

The function keeps its identity, name, defaults, closure and signature; only its `__code__` is
exchanged for a trampoline with the same parameters, which calls the watchers and then a copy of
the original. The watchers travel among the constants of the trampoline, so nothing is added to
the module the function lives in. File name and first line are the original's: `inspect.getsource`,
tracebacks and `warnings` still point to it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType, FrameType
    from typing import Any

_Function = type(lambda: None)
_GENERATORS = 0x20 | 0x80 | 0x200
_VARARGS, _VARKEYWORDS = 0x04, 0x08


def tap(
    function: Any,
    before: Callable[..., object] | None = None,
    after: Callable[..., object] | None = None,
    rewrite: Mapping[str, Callable[[Any], Any]] | None = None,
) -> bool:
    """Returns True when `function` is watched from now on.

    `before` gets its arguments, `after` its result and then its arguments, `rewrite` maps the
    name of a parameter to a function that gives it another value. What a watcher raises is lost.
    """
    if type(function) is not _Function or function.__code__.co_flags & _GENERATORS:
        return False
    code = function.__code__
    original = _Function(
        code,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    original.__kwdefaults__ = function.__kwdefaults__
    carried: dict[str, object] = {"original": original, "Exception": Exception}
    function.__code__ = _trampoline(code, before, after, rewrite or {}, carried)
    return True


def _trampoline(
    code: CodeType,
    before: object,
    after: object,
    rewrite: Mapping[str, object],
    carried: dict[str, object],
) -> CodeType:
    names = code.co_varnames
    plain = names[: code.co_argcount]
    keyword = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    rest = list(names[len(plain) + len(keyword) :])
    taken = list(plain)
    if code.co_posonlyargcount:
        taken.insert(code.co_posonlyargcount, "/")
    passed = list(plain)
    if code.co_flags & _VARARGS:
        taken.append("*" + rest[0])
        passed.append("*" + rest.pop(0))
    elif keyword:
        taken.append("*")
    taken.extend(keyword)
    passed.extend(name + "=" + name for name in keyword)
    if code.co_flags & _VARKEYWORDS:
        taken.append("**" + rest[0])
        passed.append("**" + rest[0])
    arguments = ", ".join(passed)

    body: list[str] = []

    def carry(name: str, value: object) -> str:
        carried[name] = value
        return "sestina_" + name

    def guarded(line: str) -> None:
        body.extend(("try: " + line, "except sestina_Exception: pass"))

    for index, (parameter, change) in enumerate(rewrite.items()):
        call = carry("rewrite%d" % index, change)
        guarded("%s = %s(%s)" % (parameter, call, parameter))
    if before is not None:
        guarded("%s(%s)" % (carry("before", before), arguments))
    if after is None:
        body.append("return sestina_original(%s)" % arguments)
    else:
        body.append("sestina_result = sestina_original(%s)" % arguments)
        guarded("%s(sestina_result, %s)" % (carry("after", after), arguments))
        body.append("return sestina_result")
    loads = ["sestina_%s = '%s'" % (name, _marker(name)) for name in carried]
    return _compiled(code, ", ".join(taken), loads + body, carried)


def _compiled(code: CodeType, taken: str, lines: list[str], carried: dict[str, object]) -> CodeType:
    """Returns a code object that fits into the place of `code`, closure included."""
    free = ["sestina_free%d" % index for index in range(len(code.co_freevars))]
    inner = "\n  ".join(["def tapped(%s):" % taken, *lines, *free])  # never reached
    outer = "def around(%s):\n %s" % (", ".join(free), inner)
    made = _inside(_inside(compile(outer, "<sestina>", "exec", 0, True), "around"), "tapped")
    values = {_marker(name): value for name, value in carried.items()}
    changed: dict[str, Any] = {
        "co_consts": tuple(
            values.get(item, item) if isinstance(item, str) else item for item in made.co_consts
        ),
        "co_filename": code.co_filename,
        "co_name": code.co_name,
        "co_firstlineno": code.co_firstlineno,
    }
    if sys.version_info >= (3, 11):
        changed["co_qualname"] = code.co_qualname
    return made.replace(**changed)


def _inside(code: CodeType, name: str) -> CodeType:
    for item in code.co_consts:
        if getattr(item, "co_name", None) == name:
            found: CodeType = item
            return found
    raise LookupError(name)


def _marker(name: str) -> str:
    return "<sestina:" + name + ">"


def find(module: object, path: str) -> Any:
    """Returns the function at a dotted path below `module`, its decorators taken off, or None."""
    target = module
    for part in path.split("."):
        kinds = target.__mro__ if isinstance(target, type) else (target,)
        target = next((vars(kind)[part] for kind in kinds if part in vars(kind)), None)
        if target is None:
            return None
    if isinstance(target, (staticmethod, classmethod)):
        target = target.__func__
    while type(target) is _Function and "__wrapped__" in vars(target):
        target = vars(target)["__wrapped__"]
    return target if type(target) is _Function else None


def outside(frame: FrameType | None, *packages: str) -> FrameType | None:
    """Returns the nearest frame, `frame` or a caller, whose module is in none of `packages`."""
    while frame is not None:
        module = frame.f_globals.get("__name__") or ""
        if module.partition(".")[0] not in packages:
            return frame
        frame = frame.f_back
    return None
