"""What can only be said at the end of a process. Looks at what is imported, imports nothing."""

from __future__ import annotations

import sys

from . import diary
from .last_resort import inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_known: set[str] = set()
_counted = [0]


def glance() -> None:
    """Writes what is new since the last time, in a worker between two pieces of work."""
    if len(sys.modules) != _counted[0]:
        _counted[0] = len(sys.modules)
        _modules()
    generators = sys.modules.get("_sestina_hook.generators")
    if generators is not None:
        generators.tell(again=False)
    diary.settle()


def tell() -> None:
    """Writes the modules of this process and the state of its generators and switches."""
    for speak in (_modules, _generators, _switches, _runtime):
        try:
            speak()
        except Exception:  # noqa: S112
            continue


def _modules() -> None:
    files, names = [], []
    _known.update(diary.inherited())
    for name, module in list(sys.modules.items()):
        if not isinstance(name, str) or name in _known or name.startswith("_sestina_hook"):
            continue
        _known.add(name)
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
        files.append((name, _source(file) if file.endswith(".pyc") else file))
    if files or names:
        diary.note({"k": "modules", "files": files, "others": names})


def _source(file: str) -> str:
    """Returns the source of a `.pyc` that lies in `__pycache__`, else the file itself."""
    from importlib.util import source_from_cache

    try:
        return source_from_cache(file)
    except (ValueError, NotImplementedError):
        return file  # a module without its source


def _generators() -> None:
    generators = sys.modules.get("_sestina_hook.generators")
    if generators is not None:
        generators.tell()
    draw_sites = sys.modules.get("_sestina_hook.draw_sites")
    if draw_sites is not None:
        draw_sites.tell()


def _switches() -> None:
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    cudnn = torch.backends.cudnn
    switches = {
        "torch.are_deterministic_algorithms_enabled": torch.are_deterministic_algorithms_enabled(),
        "torch.backends.cudnn.deterministic": cudnn.deterministic,
        "torch.backends.cudnn.benchmark": cudnn.benchmark,
        "torch.get_num_threads": torch.get_num_threads(),
    }
    _tell("switch", switches)


def _runtime() -> None:
    for facts in (_pools, _numpy, _torch):
        try:
            _tell("runtime", facts())
        except Exception:  # noqa: S112
            continue


def _pools() -> dict[str, Any]:
    control: Any = sys.modules.get("threadpoolctl")
    found = control.threadpool_info() if control else []
    facts = {}
    for pool in found:
        name = "%s.%s" % (pool["user_api"], pool["prefix"])
        words = [pool.get(key) for key in ("version", "architecture", "threading_layer")]
        words.append("%s threads" % pool["num_threads"])
        facts[name] = " ".join(str(word) for word in words if word)
    return facts


def _numpy() -> dict[str, Any]:
    config: Any = sys.modules.get("numpy.__config__")
    blas = getattr(config, "CONFIG", {}).get("Build Dependencies", {}).get("blas", {})
    words = [blas.get("name"), blas.get("version")]
    return {"numpy.blas": " ".join(filter(None, words))} if blas else {}


def _torch() -> dict[str, Any]:
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return {}
    facts = {"torch.version.cuda": torch.version.cuda or "none"}
    if torch.cuda.is_initialized():
        for index in range(torch.cuda.device_count()):
            facts["torch.cuda.device.%d" % index] = torch.cuda.get_device_name(index)
        facts["torch.backends.cudnn.version"] = torch.backends.cudnn.version()
    return facts


def _tell(kind: str, facts: dict[str, Any]) -> None:
    diary.note_all(
        {"k": kind, "name": name, "value": inside().canonical(value)}
        for name, value in facts.items()
    )
