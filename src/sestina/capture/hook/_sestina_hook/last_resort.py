"""Serves `import sestina` as `inside.py` where the program's environment has none."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_NAMES = ("sestina", "sestina.inside")


class _LastResort:
    """The finder that is asked when all others have failed."""

    def __init__(self, file: str) -> None:
        self.file = file

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return _spec(name, self.file) if name in _NAMES else None


def serve(folder: str) -> None:
    """Appends the finder; `folder` is the hook's, which lies in sestina's own package."""
    file = os.path.join(os.path.dirname(os.path.dirname(folder)), "inside.py")
    sys.meta_path.append(_LastResort(file))
    _found.append(file)


_found: list[str] = []
_loaded: list[Any] = []


def inside() -> Any:
    """Returns `inside.py` as a module of the hook's own, for the texts it gives to values."""
    if not _loaded:
        from importlib.util import module_from_spec

        spec = _spec("_sestina_hook.inside", _found[0])
        module = module_from_spec(spec)
        spec.loader.exec_module(module)  # type: ignore[union-attr]
        _loaded.append(module)
    return _loaded[0]


def _spec(name: str, file: str) -> ModuleSpec:
    from importlib.util import spec_from_file_location

    # A package without a folder, so that `sestina.inside` is asked for here as well.
    below: list[str] | None = [] if name == "sestina" else None
    spec = spec_from_file_location(name, file, submodule_search_locations=below)
    if spec is None:
        raise ImportError(name=name)
    return spec
