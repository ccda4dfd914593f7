"""Versions everything that determines an AI model: code, data, features, params, env and seed."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # what typing calls it, whose import would be most of ours

_FRONT = {
    "SestinaError": "sestina.errors",
    "cat": "sestina.verbs.cat",
    "check": "sestina.verbs.check",
    "diff": "sestina.verbs.diff",
    "doctor": "sestina.verbs.doctor",
    "du": "sestina.verbs.du",
    "features": "sestina.inside",
    "init": "sestina.verbs.init",
    "lineage": "sestina.verbs.lineage",
    "log": "sestina.verbs.log",
    "metric": "sestina.inside",
    "note": "sestina.verbs.note",
    "open": "sestina.verbs.open",
    "param": "sestina.inside",
    "purge": "sestina.verbs.purge",
    "restore": "sestina.verbs.restore",
    "run": "sestina.verbs.run",
    "show": "sestina.verbs.show",
    "status": "sestina.verbs.status",
    "tag": "sestina.verbs.tag",
    "version": "sestina.verbs.version",
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
