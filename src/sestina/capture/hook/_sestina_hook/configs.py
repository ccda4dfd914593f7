"""Effective values of composed configurations: Hydra, OmegaConf, pydantic-settings."""

from __future__ import annotations

import os
import sys

from . import environment
from .parsers import Hidden, tell
from .taps import find, outside, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

_CONFIGS = ("hydra", "omegaconf", "contextlib")


def hydra_arrived(module: ModuleType) -> None:
    """`@hydra.main` and `hydra.compose` both get their config from here."""
    tap(find(module, "Hydra.compose_config"), after=_composed)


def _composed(
    config: Any, _: object, config_name: Any, overrides: Any, *__: object, **___: object
) -> None:
    given = {str(word).lstrip("+~").partition("=")[0].partition("@")[0] for word in overrides}
    _tell_config("hydra", config_name, config, given)


def omegaconf_arrived(module: ModuleType) -> None:
    """Programs that use OmegaConf alone merge the command line into their config."""
    tap(find(module, "OmegaConf.from_cli"), after=lambda config, *_: _from_cli.append(config))
    tap(find(module, "OmegaConf.merge"), after=_merged)


_from_cli: list[Any] = []


def _merged(config: Any, *parts: Any) -> None:
    given = [part for part in parts for known in _from_cli if part is known]
    if given:
        _tell_config("omegaconf", None, config, {name for name, _ in _leaves(given[0])})


def _tell_config(by: str, prog: str | None, config: Any, given: set[str]) -> None:
    items = []
    for name, value in _leaves(config):
        parts = name.split(".")
        above = {".".join(parts[: length + 1]) for length in range(len(parts))}
        items.append((name, value, not given.isdisjoint(above), None))
    tell(by, prog, items, outside(sys._getframe(3), "_sestina_hook", *_CONFIGS))


def _leaves(config: Any) -> Iterator[tuple[str, object]]:
    """Yields dotted names; references are followed unless a resolver would have to be called."""
    omegaconf: Any = sys.modules["omegaconf"].OmegaConf
    written = omegaconf.to_container(config, resolve=False)
    if isinstance(written, dict):
        written.pop("hydra", None)  # Hydra's own settings
    follow = not _calls_a_resolver(written)
    for name, value in _flat("", written):
        if follow and isinstance(value, str) and "${" in value:
            try:
                value = omegaconf.select(config, name, default=value)
            except Exception:  # noqa: S110  (a reference to nothing stays as it is written)
                pass
        yield name, value


def _calls_a_resolver(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_calls_a_resolver, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_calls_a_resolver, value))
    return isinstance(value, str) and any(":" in part for part in value.split("${")[1:])


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict) or not value:
        yield name, value
        return
    for key, item in value.items():
        yield from _flat(name + "." + str(key) if name else str(key), item)


def pydantic_settings_arrived(module: ModuleType) -> None:
    """A settings object has read its sources when its `__init__` returns."""
    tap(find(module, "BaseSettings.__init__"), after=_settings_made)
    tap(find(module, "EnvSettingsSource.get_field_value"), before=_variables_sought)


def _variables_sought(source: Any, field: Any, name: str) -> None:
    """Tells the variables of one field: pydantic looks for them in a copy of the environment."""
    kind = next(kind for kind in type(source).__mro__ if "_load_env_vars" in vars(kind))
    if kind.__name__ != "EnvSettingsSource":
        return  # a `.env` file or the command line, read by what it has in common with variables
    fold = str if source.case_sensitive else str.lower
    nested = source.env_nested_delimiter
    frame = outside(sys._getframe(2), "pydantic_settings", "pydantic")
    file = frame.f_code.co_filename if frame else ""
    for _, sought, *_ in source._extract_field_info(field, name):
        inner = sought + nested if nested else None
        found = [
            n for n in os.environ if fold(n) == sought or (inner and fold(n).startswith(inner))
        ]
        for variable in found:
            environment.tell(variable, True, file)
        if not found:
            environment.tell(sought if source.case_sensitive else sought.upper(), False, file)


def _settings_made(_: object, settings: Any, *__: object, **___: object) -> None:
    kind = type(settings)
    items = []
    for name in kind.model_fields:
        value = vars(settings).get(name)
        if type(value).__name__.startswith("Secret"):
            value = Hidden()
        items.append((name, value, name in settings.model_fields_set, None))
    frame = outside(sys._getframe(2), "pydantic_settings", "pydantic")
    tell("pydantic-settings", kind.__qualname__, items, frame)
