"""`dataclass(frozen=True, slots=True)` as the standard library makes it, in a tenth of the time.

The standard library writes six methods for every class and compiles them, which for the nouns of
one command is a quarter of its start-up. Here all nouns share them, and nothing is compiled.
`fields`, `replace` and type checkers see the usual dataclass.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")


def _noun(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Returns the decorator for an immutable dataclass, compared and hashed by its values."""
    if not (frozen and slots):
        raise TypeError("a noun is frozen and has slots; others are dataclasses.dataclass")
    usual = dataclasses.dataclass(frozen=True, slots=True, kw_only=kw_only)
    bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)

    def decorate(cls: type[T]) -> type[T]:
        if hasattr(cls, "__post_init__") or any(map(dataclasses.is_dataclass, cls.__bases__)):
            return usual(cls)  # rare, so the way of the standard library will do
        made: Any = bare(cls)
        fields = dataclasses.fields(made)
        names = tuple(field.name for field in fields)
        made.__init__ = _init(made, fields, () if kw_only else names)
        made._values = staticmethod(attrgetter(*names) if names else lambda noun: ())
        made.__eq__, made.__hash__ = _eq, _hash
        made.__setattr__, made.__delattr__ = _set, _delete
        made.__getstate__, made.__setstate__ = _state, _with_state
        if "__repr__" not in vars(cls):
            made.__repr__ = _repr
        made.__dataclass_params__.frozen = made.__dataclass_params__.eq = True
        return made  # type: ignore[no-any-return]

    return decorate


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _noun


def _init(
    cls: Any, fields: tuple[dataclasses.Field[Any], ...], unnamed: tuple[str, ...]
) -> Callable[..., None]:
    # The descriptors of the slots themselves, because the class refuses to set attributes.
    slots = tuple((field.name, getattr(cls, field.name).__set__) for field in fields)
    needed = dict.fromkeys(field.name for field in fields).keys()
    defaults = {
        field.name: field.default for field in fields if field.default is not dataclasses.MISSING
    }
    factories = {
        field.name: field.default_factory
        for field in fields
        if field.default_factory is not dataclasses.MISSING
    }

    def __init__(self: Any, /, *values: Any, **given: Any) -> None:  # noqa: N807
        if values:
            given = _named(cls, unnamed, values, given)
        if given.keys() != needed:
            made = {name: make() for name, make in factories.items() if name not in given}
            given = {**defaults, **made, **given}
            if given.keys() != needed:
                raise _mismatch(cls, needed, given.keys())
        for name, set_slot in slots:
            set_slot(self, given[name])

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    return __init__


def _named(
    cls: Any, names: tuple[str, ...], values: tuple[Any, ...], given: dict[str, Any]
) -> dict[str, Any]:
    if len(values) > len(names):
        what = f"takes {len(names)} values without a name, not {len(values)}"
        raise TypeError(f"{cls.__qualname__}.__init__() {what}")
    first = dict(zip(names, values, strict=False))
    if twice := first.keys() & given.keys():
        raise TypeError(f"{cls.__qualname__}.__init__() got {sorted(twice)} twice")
    return first | given


def _mismatch(cls: Any, needed: Any, given: Any) -> TypeError:
    missing, unknown = sorted(needed - given), sorted(given - needed)
    what = f"misses {missing}" if missing else f"does not know {unknown}"
    return TypeError(f"{cls.__qualname__}.__init__() {what}")


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self._values(self) == other._values(other)


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _repr(self: Any) -> str:
    shown = (field.name for field in dataclasses.fields(self) if field.repr)
    inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({inner})"


def _set(self: Any, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _with_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
