"""What makes a folder a repo: its format line, its id, and where its cache lies."""

from __future__ import annotations

import hashlib
import os
import shlex
from pathlib import Path

from sestina.errors import Conflict, Corrupt, NotFound, Unsupported
from sestina.store.backend import Backend

FOLDER = ".sestina"
FORMAT = "sestina repository format 1"
_CONFIG = '# Settings of this repo on this machine; never part of any id.\n[repo]\nid = "{}"\n'


def found(where: Path) -> Path:
    """Returns the `.sestina` folder that `where` is or holds; raises NotFound."""
    for folder in (where / FOLDER, where):
        named = folder.name == FOLDER or (folder / "config.toml").is_file()
        if named and (folder / "format").is_file():
            return folder.absolute()
    raise NotFound("not-found/repo", f"there is no repo in '{where}'", hint="sestina init")


def lay_out(backend: Backend, where: str) -> None:
    """Returns when an empty repo is there; the format line comes last and makes it one."""
    if backend.size("format") is not None:
        raise Conflict("conflict/repo", f"'{where}' holds a repo already", hint="sestina log")
    try:
        backend.put("config.toml", _CONFIG.format(os.urandom(16).hex()).encode())
    except Conflict:  # left by a creation that was interrupted
        pass
    try:
        backend.put("format", f"{FORMAT}\n".encode())
    except Conflict:
        raise Conflict("conflict/repo", f"'{where}' holds a repo already") from None


def check_format(backend: Backend) -> None:
    """Returns if this sestina can read the repo; raises Unsupported."""
    lines = backend.get("format").decode("utf-8", "replace").split("\n")
    if lines[0] != FORMAT or lines[-1]:
        raise Unsupported(
            "unsupported/format",
            f"the repo says it is {lines[0][:60]!r}",
            why=f"this sestina reads '{FORMAT}'",
            hint="pip install --upgrade sestina",
        )
    features = [line for line in lines[1:] if line.strip()]
    if features:
        raise Unsupported(
            "unsupported/format",
            f"the repo needs {features[0][:60]!r}",
            why="a repo that needs what this sestina does not know is left alone",
            hint="pip install --upgrade sestina",
        )


def repo_id(backend: Backend, where: Path) -> str:
    """Returns the random id that the repo was born with; raises Corrupt.

    Nothing in the repo refers to it, so a lost one can be replaced.
    """
    try:
        text = backend.get("config.toml").decode("utf-8", "replace")
    except NotFound:
        raise _no_id("the repo has lost its config.toml", where) from None
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        identifier = value.strip().strip("\"'")
        if equals and name.strip() == "id" and identifier.isalnum():
            return identifier
    raise _no_id('config.toml of the repo has no line `id = "…"`', where)


def _no_id(what: str, where: Path) -> Corrupt:
    config = shlex.quote(str(where / "config.toml"))
    return Corrupt(
        "corrupt/config",
        what,
        why="it names the index of the repo; any other name will do",
        hint=f"echo 'id = \"{os.urandom(16).hex()}\"' > {config}",
    )


def cache_folder(identifier: str, folder: Path) -> Path:
    """Returns where the index of this repo lies on this machine.

    Copies of a repo have its id, so its place is part of the name: a copy has another history.
    """
    top = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    place = hashlib.sha256(os.path.realpath(os.fsencode(folder))).hexdigest()[:8]
    return Path(top) / "sestina" / identifier / place
