"""`doctor`: what this machine offers, and which observer a run gets here and why."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.errors import SestinaError
from sestina.records.answers import Item
from sestina.records.answers_keeping import DoctorAnswer

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_OURS = ("click", "msgspec", "zstandard", "yaml")
_EXTRAS = {"pyarrow": "row counts of Parquet and Arrow", "git": "commit and dirtiness as facts"}


def doctor(repo: Repo | None = None) -> DoctorAnswer:
    """Returns what was found out about this machine, by trying it, and about `repo`."""
    observers, works = _observers()
    items = [
        *_installation(),
        *observers,
        *_programs(),
        *(_repo(repo) if repo is not None else [Item(name="repo", value="none here")]),
    ]
    return DoctorAnswer(ok=works, items=tuple(items))


def _installation() -> Iterator[Item]:
    import importlib.metadata

    import sestina

    folder = Path(__file__).parents[1]
    size = sum(path.stat().st_size for path in folder.rglob("*.py"))
    yield Item(
        name="sestina", value=str(sestina.__version__), remark=f"{folder} ({size // 1000} kB)"
    )
    yield Item(name="python", value=platform.python_version(), remark=sys.executable)
    names = {"yaml": "PyYAML"}
    found = [f"{name} {importlib.metadata.version(names.get(name, name))}" for name in _OURS]
    yield Item(name="needs", value=", ".join(found))
    yield Item(name="kernel", value=f"{platform.system()} {platform.release()}")


def _observers() -> tuple[list[Item], bool]:
    """Returns what each observer says of this machine, best first, and whether one works."""
    from sestina.capture.pick import candidates

    items, chosen = [], ""
    for observer in candidates("auto"):
        why = observer.probe()
        if why is None and not chosen:
            chosen = observer.name
            items.append(Item(name=f"observer {observer.name}", value="works, and is used"))
        else:
            told = "works" if why is None else f"not here: {why}"
            items.append(Item(name=f"observer {observer.name}", value=told))
    if not chosen:
        items.append(Item(name="observer", value="none works: 'run' cannot watch anything"))
    return items, bool(chosen)


def _programs() -> Iterator[Item]:
    import importlib.util
    import shutil

    for name, use in _EXTRAS.items():
        there = shutil.which(name) if name == "git" else importlib.util.find_spec(name)
        yield Item(name=name, value="there" if there else "not there", remark=use)


def _repo(repo: Repo) -> Iterator[Item]:
    yield Item(name="repo", value=str(repo.path), remark=f"id {repo.id}")
    try:
        head = repo.catalog.follow()
        yield Item(
            name="history",
            value=f"{head.seq} entries, {len(repo.refs.runs())} runs, "
            f"{len(repo.refs.versions())} versions",
        )
    except SestinaError as error:
        yield Item(name="history", value=f"cannot be read: {error.what}", remark="sestina check")
    if os.access(repo.path, os.W_OK):
        yield Item(name="runs going", value=str(len(repo.live.going())))
    else:
        yield Item(name="writing", value="this repo can only be read from here")
    for hint in repo.hints:
        yield Item(name="index", value=hint)
