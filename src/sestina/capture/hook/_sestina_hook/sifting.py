"""Variables that code picks from all the others by how their names begin.

`{k: v for k, v in os.environ.items() if k.startswith("TRAIN_")}` asks for no variable by name. The
beginnings that it looks for are among the texts that the code at work holds: its constants, its
variables, and the globals that it names. A beginning ends with an underscore.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType
    from typing import Any

_FOLDING = frozenset(("upper", "lower", "casefold", "IGNORECASE"))


class _Known:
    """What was found out about code: its texts, the names in it, whether case is of no account."""

    by_code: dict[CodeType, tuple[tuple[str, ...], frozenset[str], bool]] = {}  # noqa: RUF012


def sifts(frame: FrameType | None, name: str) -> FrameType | None:
    """Returns the frame where one of its texts is how `name` begins, else None."""
    if frame is None:
        return None
    texts, names, folds = _of_code(frame.f_code)
    known = frame.f_globals
    values = [*frame.f_locals.values(), *[known[n] for n in names if n in known]]
    for text in (*texts, *[text for value in values for text in _texts(value)]):
        if name.startswith(text) or (folds and name.lower().startswith(text.lower())):
            return frame
    return None


def _of_code(code: CodeType) -> tuple[tuple[str, ...], frozenset[str], bool]:
    found = _Known.by_code.get(code)
    if found is None:
        codes = list(_inner(code))
        names = frozenset(name for one in codes for name in one.co_names)
        texts = {text for one in codes for value in one.co_consts for text in _texts(value)}
        found = _Known.by_code[code] = (tuple(texts), names, not _FOLDING.isdisjoint(names))
    return found


def _inner(code: CodeType) -> Iterator[CodeType]:
    """Yields code and that of its comprehensions and lambdas."""
    yield code
    for value in code.co_consts:
        if isinstance(value, type(code)) and value.co_name.startswith("<"):
            yield from _inner(value)


def _texts(value: Any) -> Iterator[str]:
    if type(value) is str:
        if len(value) < 64 and value[-1:] == "_" and value.isidentifier() and value[0] != "_":
            yield value
    elif type(value) is tuple and len(value) < 64:
        for part in value:
            if type(part) is str:
                yield from _texts(part)
