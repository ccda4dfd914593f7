"""Versions everything that determines an AI model: code, data, features, params, env and seed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

_FRONT = {
    "SestinaError": "sestina.errors",
    "features": "sestina.inside",
    "metric": "sestina.inside",
    "note": "sestina.inside",
    "param": "sestina.inside",
}
"""Where each public name lives; nothing is imported until it is asked for (PEP 562)."""

__all__ = sorted(_FRONT)

if TYPE_CHECKING:
    from sestina.errors import SestinaError as SestinaError


def __getattr__(name: str) -> object:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("sestina")
    if name not in _FRONT:
        raise AttributeError(f"module 'sestina' has no attribute {name!r}")
    return getattr(importlib.import_module(_FRONT[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
