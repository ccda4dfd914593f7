"""Times: RFC 3339 in UTC with microseconds, one spelling, so that text order is time order."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from sestina.errors import InvalidInput

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_AGO = re.compile(r"(\d+)\s*(s|m|h|d|w)( ago)?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def now() -> str:
    """Returns the wall clock as `2026-05-02T10:00:00.000000Z`."""
    return from_ns(time.time_ns())


def from_ns(nanoseconds: int) -> str:
    """Returns the time `nanoseconds` after the epoch, cut to microseconds."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
    return moment.strftime(_FORMAT)


def after(earlier: str, clock: str) -> str:
    """Returns `clock`, or a microsecond past `earlier` where the clock has not moved on."""
    if clock > earlier:
        return clock
    return (_moment(earlier) + timedelta(microseconds=1)).strftime(_FORMAT)


def seconds_between(earlier: str, later: str) -> float:
    """Returns the seconds from `earlier` to `later`, negative where the order is turned round."""
    return (_moment(later) - _moment(earlier)).total_seconds()


def parse(text: str) -> str:
    """Returns the canonical spelling of a time a person typed.

    Takes RFC 3339 with any offset, a date (its first moment in UTC), or an age such as `2h` or
    `3d ago`; raises InvalidInput for anything else.

    >>> parse("2026-05-02T12:00:00+02:00")
    '2026-05-02T10:00:00.000000Z'
    """
    age = _AGO.fullmatch(text.strip())
    if age:
        past = timedelta(**{_UNITS[age[2]]: int(age[1])})
        return (datetime.now(UTC) - past).strftime(_FORMAT)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            "invalid-input/time",
            f"'{text}' is not a time",
            why="a time is RFC 3339 (2026-05-02T10:00:00Z), a date, or an age (2h, 3d)",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime(_FORMAT)


def is_canonical(text: str) -> bool:
    """Returns whether `text` is a time in the one spelling that records use."""
    try:
        return _moment(text).strftime(_FORMAT) == text
    except ValueError:
        return False


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
