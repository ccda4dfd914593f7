"""Choosing the best observer that really works here, by trying each one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sestina.capture.observer import Observer
from sestina.errors import InvalidInput, Unavailable


def _seccomp() -> Observer:
    from sestina.capture.seccomp import Seccomp

    return Seccomp()


def _strace() -> Observer:
    from sestina.capture.strace import Strace

    return Strace()


def _audit_hook() -> Observer:
    from sestina.capture.audit_hook import AuditHook

    return AuditHook()


OBSERVERS: dict[str, Callable[[], Observer]] = {
    "seccomp": _seccomp,
    "strace": _strace,
    "python": _audit_hook,
}
"""By name, the best first; imported only when it is its turn."""


def candidates(capture: str = "auto") -> Iterator[Observer]:
    """Yields the observers to try, best first; raises InvalidInput for a name that is none."""
    if capture == "auto":
        yield from (make() for make in OBSERVERS.values())
        return
    if capture not in OBSERVERS:
        raise InvalidInput(
            "invalid-input/observer",
            f"'{capture}' is not an observer",
            why=f"there are: auto, {', '.join(OBSERVERS)}",
            hint="sestina doctor",
        )
    yield OBSERVERS[capture]()


def pick(capture: str = "auto") -> Observer:
    """Returns the first observer whose probe works; raises Unavailable with every reason."""
    reasons = []
    for observer in candidates(capture):
        why = observer.probe()
        if why is None:
            return observer
        reasons.append(f"{observer.name}: {why}")
    raise Unavailable(
        "unavailable/observer",
        "no observer works on this machine",
        why="; ".join(reasons),
        hint="sestina doctor",
    )
