"""Effective values of parameters, after their parser has filled in defaults.

One function for each parser, called when its module is imported.
"""

from __future__ import annotations

import sys

from . import diary
from .last_resort import inside
from .taps import find, outside, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType, ModuleType
    from typing import Any

Item = "tuple[str, object, bool, str | None]"  # name, value, given, option


def tell(by: str, prog: str | None, items: Iterable[Any], frame: FrameType | None) -> None:
    """Writes the parameters of one parse; `frame` is the code that asked for it."""
    inner = inside()
    told = [
        {
            "name": name,
            "value": inner.redacted(name, value),
            "given": given,
            "option": option,
            "type": type(value).__name__,
        }
        for name, value, given, option in items
    ]
    file = frame.f_code.co_filename if frame else None
    diary.note({"k": "params", "by": by, "prog": prog, "items": told, "file": file})


# --- argparse ----------------------------------------------------------------------------------

_given: set[int] = set()
_parsers: list[Any] = []


def argparse_arrived(module: ModuleType) -> None:
    """An option counts as given when the parser took a value for it from the command line."""
    tap(find(module, "ArgumentParser._get_values"), after=_took)
    tap(find(module, "ArgumentParser.parse_known_args"), before=_begins, after=_parsed)
    tap(find(module, "ArgumentParser.parse_known_intermixed_args"), before=_begins, after=_parsed)


def _took(_: object, parser: Any, action: Any, words: Any) -> None:
    if action.option_strings or [word for word in words if word != "--"]:
        _given.add(id(action))
    if parser not in _parsers:
        _parsers.append(parser)


def _begins(parser: Any, *_: object) -> None:
    if not _nested():
        _given.clear()
        _parsers[:] = [parser]
    elif parser not in _parsers:
        _parsers.append(parser)


def _parsed(result: Any, parser: Any, *_: object) -> None:
    asks = outside(sys._getframe(2), "argparse")
    if _nested() or (asks and str(asks.f_globals.get("__name__")).startswith(_TELL_THEMSELVES)):
        return
    values = dict(vars(result[0]))
    actions = {
        action.dest: action
        for known in reversed(_parsers)
        for action in known._actions
        if action.dest in values
    }
    items = []
    for name, value in values.items():
        action = actions.get(name)
        same = [one for known in _parsers for one in known._actions if one.dest == name]
        options = action.option_strings if action else ()
        given = any(id(one) in _given for one in same)
        items.append((name, value, given, _longest(options)))
    tell("argparse", parser.prog, items, asks)


_TELL_THEMSELVES = ("absl.", "click.", "hydra.", "pydantic_settings.")
"""Libraries that read the command line with a parser of their own, beneath what they tell."""


def _nested() -> bool:
    """Returns True inside the parse of a subcommand, or of an intermixed command line."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if module == "argparse" and frame.f_code.co_name.startswith("parse_known_"):
            return True
        frame = frame.f_back
    return False


def _longest(options: Any) -> str | None:
    """Returns the first long option, else the first: `--lr` of `-l, --lr`."""
    found: list[str] = [option for option in options if option.startswith("--")] or list(options)
    return found[0] if found else None


# --- click and absl ----------------------------------------------------------------------------


def click_arrived(module: ModuleType) -> None:
    """Every command, a group's and its subcommand's alike, passes through `Command.invoke`."""
    tap(find(module, "Command.invoke"), before=_invoked)


def _invoked(command: Any, context: Any) -> None:
    items = []
    for param in command.params:
        if param.name not in context.params:
            continue
        value = context.params[param.name]
        source = context.get_parameter_source(param.name)
        given = source is not None and source.name != "DEFAULT"
        options = param.opts if param.param_type_name == "option" else ()
        if getattr(param, "hide_input", False) and value is not None:
            value = Hidden()
        items.append((param.name, value, given, _longest(options)))
    tell("click", context.command_path, items, outside(sys._getframe(2), "click"))


class Hidden:
    """Stands for a value that the program itself asks for without showing it."""

    __qualname__ = "redacted"


def absl_arrived(module: ModuleType) -> None:
    """Flags are parsed when their registry is called with the command line."""
    tap(find(module, "FlagValues.__call__"), after=_flags_parsed)


def _flags_parsed(_: object, flags: Any, argv: Any, *__: object) -> None:
    found = flags.flags_by_module_dict().items()
    items = [
        (flag.name, flag.value, bool(flag.present), "--" + flag.name)
        for module, theirs in found
        if not module.startswith("absl.")
        for flag in theirs
    ]
    tell("absl", argv[0], items, outside(sys._getframe(2), "absl"))
