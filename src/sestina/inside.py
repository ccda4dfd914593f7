"""What a program may call while it runs under `sestina run`; outside a run the calls do nothing.

    import sestina

    sestina.metric("auc", 0.91)
    sestina.metric("loss", loss, step=epoch)
    sestina.param("folds", 5)
    sestina.note("first run on the June export")

This file is also served, alone, as `import sestina` to programs whose environment has no sestina.
So it is Python 3.8, standard library only, and imports nothing that a bare interpreter has not.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

__all__ = ["features", "metric", "note", "param"]

WITHHELD = "<withheld>"
_LONGEST_NAME = 200


def metric(name: str, value: float, *, step: int | None = None) -> None:
    """Returns nothing; the run's metric `name` is now `value` (at `step`, for a curve).

    The last value given is the metric of the version. NaN and infinities are kept as text.

    Raises:
        ValueError: the name is empty, not printable or longer than 200 characters, the value is
            not one number, or the step is not a whole number.

    >>> metric("auc", 0.91)
    """
    _check_name("metric", name)
    if step is not None and (isinstance(step, bool) or not hasattr(step, "__index__")):
        raise ValueError("step of metric %r is not a whole number: %r" % (name, step))
    text = _number(name, value)
    at = None if step is None else str(int(step))
    _tell({"k": "metric", "name": name, "value": text, "step": at})


def param(name: str, value: object) -> None:
    """Returns nothing; the run is recorded to have used `value` for the parameter `name`.

    For values that no parser sees, such as one chosen by the program. Names that look secret
    (password, token, …) are kept without their value.

    Raises:
        ValueError: the name is empty, not printable or longer than 200 characters.

    >>> param("folds", 5)
    """
    _check_name("param", name)
    _tell({"k": "param", "name": name, "value": redacted(name, value)})


def note(text: str) -> None:
    """Returns nothing; `text` is kept with the run, for people.

    Raises:
        ValueError: it is not text, or empty.

    >>> note("first run on the June export")
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a note is text that is not empty, not %r" % (text,))
    _tell({"k": "note", "text": text})


def features(
    function: Function | None = None,
    *,
    keys: Any = None,
    time: Any = None,
    window: Any = None,
    inputs: Any = None,
    schema: Any = None,
    nulls: Any = None,
) -> Any:
    """Returns the function itself, marked as one that computes features.

    What it was declared with is kept in `__sestina_features__`. With or without arguments:

    >>> @features(keys=["card"], window="7d")
    ... def spend(rows): return rows
    >>> spend.__sestina_features__["window"]
    '7d'
    """
    said = {
        "keys": keys, "time": time, "window": window,
        "inputs": inputs, "schema": schema, "nulls": nulls,
    }  # fmt: skip

    def mark(marked: Function) -> Function:
        if not callable(marked):
            raise ValueError("features marks a function, not %r" % (marked,))
        marked.__sestina_features__ = said  # type: ignore[attr-defined]
        return marked

    return mark if function is None else mark(function)


# --- texts of values: the hook uses them too ---------------------------------------------------


def canonical(value: object) -> str:
    """Returns one text for a value: the same in every process, and never an address in memory.

    >>> canonical(0.1), canonical(True), canonical(None), canonical([1, "a"])
    ('0.1', 'true', 'null', '[1, "a"]')
    """
    plain = _plain(value, 0)
    if isinstance(plain, str):
        return plain
    if isinstance(plain, float):
        return float.__repr__(plain)
    import json

    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


def redacted(name: str, value: object) -> str:
    """Returns the text of `value`, or `<withheld>` when the name says that it is secret."""
    return WITHHELD if looks_secret(name) and not _harmless(value) else canonical(value)


def looks_secret(name: str) -> bool:
    """Returns True for `api_key`, `HF_TOKEN`, `dbPassword`, not for `max_tokens` or `sort_key`."""
    words, word = [], ""
    for letter in name:
        if not letter.isalnum() or (letter.isupper() and not word.isupper()):
            words.append(word)
            word = ""
        if letter.isalnum():
            word += letter
    words = [part.lower() for part in [*words, word] if part]
    joined = "".join(words)
    key = words[-1:] == ["key"] and (len(words) == 1 or words[-2] in _KEYS)
    return key or not _SECRET.isdisjoint(words) or joined.endswith(_SECRET_ENDS)


_SECRET = {
    "password", "passwd", "passphrase", "pwd", "token", "secret", "secrets",
    "credential", "credentials", "auth",
}  # fmt: skip
_KEYS = {"access", "account", "api", "auth", "encryption", "master", "private", "signing", "ssh"}
_SECRET_ENDS = ("password", "passwd", "apikey", "secretkey", "accesskey", "token")


def _harmless(value: object) -> bool:
    empty = isinstance(value, (str, bytes)) and not value
    return value is None or empty or isinstance(value, (bool, int, float))


def _plain(value: Any, depth: int) -> Any:
    """Returns `value` made of what JSON has; what it has not becomes the name of its class."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if depth > 8:
        return "…"
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {canonical(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item, depth + 1) for item in value), key=repr)
    for base in (str, int, float):  # subclasses, enumerations among them
        if isinstance(value, base):
            held: Any = value
            return base(held.value if hasattr(kind, "__members__") else held)
    if isinstance(value, (bytes, os.PathLike)):
        return os.fsdecode(value)
    if _is_scalar(kind):
        return _plain(value.item(), depth + 1)
    if hasattr(kind, "__members__"):
        return _plain(value.value, depth + 1)
    named = value if isinstance(value, _NAMED) else kind
    return "%s.%s" % (named.__module__ or "builtins", named.__qualname__)


_NAMED = (type, type(len), type(lambda: 0))


def _is_scalar(kind: type) -> bool:
    return kind.__module__ == "numpy" and any(base.__name__ == "generic" for base in kind.__mro__)


def _number(name: str, value: Any) -> str:
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise ValueError("metric %r is not a number: %r" % (name, value))
    try:
        return float.__repr__(float(value))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise ValueError("metric %r is not one number: %r" % (name, value)) from None


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise ValueError("the name of a %s is printable text, not %r" % (what, name))
    if len(name) > _LONGEST_NAME:
        message = "the name of a %s has at most %d characters, this one has %d"
        raise ValueError(message % (what, _LONGEST_NAME, len(name)))


# --- to the run, if there is one ---------------------------------------------------------------


def _tell(record: dict[str, object]) -> None:
    diary = sys.modules.get("_sestina_hook.diary")
    if diary is not None and diary.folder():
        diary.note(record)
        return
    folder = os.environ.get("SESTINA_HOOK")
    if folder and os.path.isdir(folder):
        _append(folder, record)


def _append(folder: str, record: dict[str, object]) -> None:
    """Writes to a file of our own: this process runs without the hook (`python -I`, `-S`)."""
    import json

    path = os.path.join(folder, "%d-inside.jsonl" % os.getpid())
    try:
        with open(path, "a", encoding="ascii") as file:
            file.write(json.dumps(record) + "\n")
    except OSError:
        return
