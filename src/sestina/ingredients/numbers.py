"""Numbers as people read them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Returns a number with its noun.

    >>> count(1, "file"), count(20000, "file"), count(2, "entry")
    ('1 file', '20,000 files', '2 entries')
    """
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {plural}"


def size(number: int) -> str:
    """Returns bytes in powers of 1000.

    >>> size(512), size(38_200_000)
    ('512 B', '38 MB')
    """
    amount = float(number)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            digits = 1 if unit != "B" and amount < 9.95 else 0
            return f"{amount:.{digits}f} {unit}"
        amount /= 1000
    raise AssertionError


def shortened(text: str, width: int) -> str:
    """Returns `text` in at most `width` characters, the middle left out."""
    if len(text) <= width:
        return text
    left = (width - 1) // 2
    return f"{text[:left]}…{text[len(text) - (width - 1 - left) :]}"
