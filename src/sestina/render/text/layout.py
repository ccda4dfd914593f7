"""The few shapes that all text answers are made of: columns, sections, the ring, sizes, times."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sestina.kernel.ids import is_id, short
from sestina.render.text.ink import Ink, clean

WIDTH = 80
_LETTERS = {"code": "C", "data": "D", "features": "F", "params": "P", "env": "E", "seed": "S"}
INGREDIENTS = tuple(_LETTERS)
"""The six in their order, without the classes of their records: `status` has no time for those."""
_SIZES = ("B", "kB", "MB", "GB", "TB")


def width(text: str) -> int:
    """Returns how many columns `text` takes on a terminal: two for a wide character.

    >>> width("データ"), width("abc")
    (6, 3)
    """
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    flat = sum(unicodedata.combining(character) > 0 for character in text)
    return len(text) + wide - flat


def cut(text: str, columns: int) -> str:
    """Returns `text` in at most `columns` columns, its end replaced by an ellipsis."""
    if width(text) <= columns:
        return text
    kept = text[: max(columns - 1, 0)]
    while width(kept) > columns - 1:
        kept = kept[:-1]
    return kept + "…"


def cut_middle(text: str, columns: int) -> str:
    """Returns `text` in at most `columns` columns with both ends kept, as paths are read."""
    if width(text) <= columns or columns < 8:
        return cut(text, columns)
    head = columns // 3
    tail = columns - head - 1
    while width(text[:head]) + width(text[-tail:]) + 1 > columns:
        tail -= 1
    return f"{text[:head]}…{text[-tail:]}"


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Returns `text` filled with spaces to `columns` columns."""
    room = " " * max(columns - width(text), 0)
    return room + text if right else text + room


def columns(
    rows: Sequence[Sequence[str]], *, indent: int = 0, right: Collection[int] = (), gap: int = 2
) -> list[str]:
    """Returns `rows` as lines whose cells stand below each other; cells hold plain text.

    Columns in `right` are set flush right. No line is cut and none ends in a space.
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    count = max(map(len, cells), default=0)
    widths = [
        max((width(row[place]) for row in cells if place < len(row)), default=0)
        for place in range(count)
    ]
    lines = []
    for row in cells:
        parts = [pad(cell, widths[place], right=place in right) for place, cell in enumerate(row)]
        lines.append((" " * indent + (" " * gap).join(parts)).rstrip())
    return lines


def ring(changed: Collection[str], ink: Ink | None = None) -> str:
    """Returns the six ingredients as letters, a dot for each that is the same.

    >>> ring({"features", "env"})
    '··F·E·'
    """
    marks = [_LETTERS[name] if name in changed else "·" for name in INGREDIENTS]
    if ink is None:
        return "".join(marks)
    return "".join(mark if mark == "·" else ink.changed(mark) for mark in marks)


def amount(number: int, word: str, plural: str | None = None) -> str:
    """Returns a number with its noun.

    >>> amount(1, "file"), amount(3, "entry", "entries")
    ('1 file', '3 entries')
    """
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def size(count: int) -> str:
    """Returns a number of bytes in three digits.

    >>> size(0), size(999), size(1_234_567)
    ('0 B', '999 B', '1.23 MB')
    """
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return f"{count} B"
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{places}f} {_SIZES[unit]}"


def duration(milliseconds: int) -> str:
    """Returns how long something took.

    >>> duration(420), duration(61_000), duration(7_384_000)
    ('0.42 s', '1 min 1 s', '2 h 3 min')
    """
    if milliseconds < 9_995:
        return f"{milliseconds / 1000:.2f} s"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def moment(at: str) -> str:
    """Returns a time to the second, in UTC.

    >>> moment("2026-05-02T10:00:00.123456Z")
    '2026-05-02 10:00:00 UTC'
    """
    return f"{at[:10]} {at[11:19]} UTC"


def minute(at: str) -> str:
    """Returns a time to the minute, for columns.

    >>> minute("2026-05-02T10:00:00.123456Z")
    '2026-05-02 10:00'
    """
    return f"{at[:10]} {at[11:16]}"


def brief(value: str | None) -> str:
    """Returns a value for a person: an id cut to 8 digits, nothing as a dash, else itself."""
    if value is None:
        return "–"
    return short(value) if is_id(value) else clean(value)


def near(logical: str) -> str:
    """Returns a logical path as people read it: what lies in the project has no root before it.

    >>> near("project:data/a.csv"), near("home:.cache/a")
    ('data/a.csv', 'home:.cache/a')
    """
    return logical.removeprefix("project:") or "."
