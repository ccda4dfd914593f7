"""What can only be said at the end of a process. Looks at what is imported, imports nothing."""

from __future__ import annotations

import sys

from . import diary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def tell() -> None:
    """Writes the modules of this process and the state of its generators and switches."""
    for speak in (_modules,):
        try:
            speak()
        except Exception:  # noqa: S112
            continue


def _modules() -> None:
    files, names = [], []
    for name, module in list(sys.modules.items()):
        if not isinstance(name, str) or name.partition(".")[0] in ("_sestina_hook", "sitecustomize"):
            continue
        try:
            known = object.__getattribute__(module, "__dict__")
        except (AttributeError, TypeError):
            continue
        file = known.get("__file__")
        if file is None and name == "__main__":  # already taken away when a script has ended
            file = getattr(known.get("__loader__"), "path", None)
        if not isinstance(file, str):
            names.append(name)
            continue
        spec = known.get("__spec__")
        files.append(
            {
                "name": name,
                "file": file,
                "origin": _text(getattr(spec, "origin", None)),
                "package": _text(known.get("__package__")),
                "source": _source(file),
            }
        )
    diary.note({"k": "modules", "files": files, "others": names})


def _source(file: str) -> str:
    """Returns the source of a `.pyc` that lies in `__pycache__`, else the file itself."""
    if not file.endswith(".pyc"):
        return file
    from importlib.util import source_from_cache

    try:
        return source_from_cache(file)
    except (ValueError, NotImplementedError):
        return file  # a module without its source


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
