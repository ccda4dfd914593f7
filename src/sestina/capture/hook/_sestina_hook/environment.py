"""The environment as user code sees it, and what it asks of it by name.

`os.environ` shows PYTHONPATH without the hook's folder while the C environment keeps it, so that
children started without an environment of their own are followed. Those started with one get the
hook's variables added to a private copy.
"""

from __future__ import annotations

import os
import sys

from . import diary
from .sifting import sifts
from .taps import outside, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType
    from typing import Any

_PATH = "PYTHONPATH"
_OURS = ("SESTINA_HOOK", "SESTINA_RUN", "SESTINA_HOOK_OPENS", "SESTINA_TRACE_SEED")
_MAPPING = ("os", "_collections_abc", "collections")  # the last holds `collections.abc`


class _Kept:
    """What children need to be followed."""

    folder = ""
    variables: dict[str, str] = {}  # noqa: RUF012
    seen: set[tuple[str, str]] = set()  # noqa: RUF012
    subscript: frozenset[bytes] = frozenset()


def hide(folder: str) -> None:
    """Takes `folder` out of PYTHONPATH in `os.environ`, and leaves the C environment as it is."""
    _Kept.folder = folder
    _Kept.variables = {name: os.environ[name] for name in _OURS if name in os.environ}
    entries = os.environ.get(_PATH, "").split(os.pathsep)
    rest = [entry for entry in entries if os.path.abspath(entry) != folder]
    if len(rest) == len(entries):
        return
    data: Any = os.environ._data  # type: ignore[attr-defined]
    key: Any = os.environ.encodekey(_PATH)
    if rest:
        data[key] = os.environ.encodevalue(os.pathsep.join(rest))
    else:
        data.pop(key, None)


def watch(folder: str) -> None:
    """Records the variables that Python code reads by name, and keeps the hook in children."""
    _Kept.subscript = _pairs("a[b]") - _pairs("(a, b)")
    kind = vars(type(os.environ))
    tap(kind["__getitem__"], before=_read)
    tap(kind["__setitem__"], after=lambda _, view, name, value: _again(view, name))
    tap(kind["__delitem__"], after=lambda _, view, name: _again(view, name))
    for name in ("_execvpe", "_spawnvef"):
        if name in vars(os):
            tap(vars(os)[name], rewrite={"env": followed})


def followed(env: Mapping[Any, Any] | None) -> Mapping[Any, Any] | None:
    """Returns a copy of `env` whose receiver is hooked too; None stays None."""
    if env is None:
        return None
    copy = dict(env)
    name: str | bytes = _PATH
    for key in copy:  # not `in`: `python -b` warns when text is compared with bytes
        if isinstance(key, bytes) and key == os.fsencode(_PATH):
            name = key
    rest = copy.get(name) or ""
    entries = os.fsdecode(rest).split(os.pathsep) if rest else []
    if _Kept.folder not in entries:
        copy[name] = os.pathsep.join([_Kept.folder, *entries])
    for ours, value in _Kept.variables.items():
        copy.setdefault(ours, value)
    return copy


def additions(env: Mapping[Any, Any] | None) -> Mapping[Any, Any]:
    """Returns `env` as `followed` does, for callers that lay it over `os.environ`."""
    value = os.environ._data.get(os.environ.encodekey(_PATH))  # type: ignore[attr-defined]
    inherited = {} if value is None else {_PATH: os.fsdecode(value)}
    return followed({**inherited, **(env or {})}) or {}


def _again(view: Any, name: Any) -> None:
    """Puts the hook back into the C environment after user code has set or deleted PYTHONPATH."""
    if os.fsdecode(name) == _PATH:
        value = view._data.get(view.encodekey(name))
        entries = [] if value is None else [os.fsdecode(value)]
        os.putenv(_PATH, os.pathsep.join([_Kept.folder, *entries]))


def _read(view: Any, name: Any) -> None:
    frame = sys._getframe(2)
    text = os.fsdecode(name)
    asked = _asker(frame) or sifts(outside(frame, *_MAPPING), text)
    if asked is not None:
        tell(text, view.encodekey(name) in view._data, asked.f_code.co_filename)


def tell(name: str, present: bool, file: str) -> None:
    """Writes that the code of `file` asked for a variable, once."""
    key = (name, file)
    if key in _Kept.seen or name.startswith("SESTINA_"):
        return
    _Kept.seen.add(key)
    diary.note({"k": "env", "name": name, "set": present, "file": file})


def _asker(frame: FrameType) -> FrameType | None:
    """Returns the frame that asked for one variable by name, or None when all are swept through.

    `dict(os.environ)` and `{**os.environ}` fetch every item from C, so the instruction that the
    calling frame stands at tells them from a subscript; the mapping's own loops tell themselves.
    """
    if outside(frame, *_MAPPING) is not frame:
        swept = frame.f_code.co_name in ("__iter__", "<genexpr>", "<listcomp>", "__repr__", "copy")
        return None if swept else outside(frame, *_MAPPING)
    code, at = frame.f_code.co_code, frame.f_lasti
    return frame if code[at : at + 2] in _Kept.subscript else None


def _pairs(expression: str) -> frozenset[bytes]:
    code = compile(expression, "", "eval").co_code
    return frozenset(code[at : at + 2] for at in range(0, len(code), 2))
