"""The software that a run ran in, as a record."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sestina.errors import SestinaError
from sestina.ingredients.env.imported import SITE, imported
from sestina.ingredients.params.variables import recorded
from sestina.kernel.ids import BlobId, blob_id
from sestina.records.ingredient import EnvRecord, IngredientRef, Interpreter, Library
from sestina.records.observation import Observation, SeenFile

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_STANDARD_LIBRARY = re.compile(
    rb"/lib(?:64)?/(?:python\d[\d.]*t?|pypy[\d.]*|python\d+\.zip)(?:/|\Z)"
)
_PYTHON = re.compile(rb"(?:python|pypy)[\d.]*t?")
_LIBRARY = re.compile(rb"\.so(?:\.[0-9][0-9A-Za-z.]*)?\Z|\.dylib\Z")
_ABOUT_THE_PREFIX = (
    b"pyvenv.cfg", b"history",
    b"activate", b"activate.csh", b"activate.fish", b"Activate.ps1", b"activate_this.py",
)  # fmt: skip
"""Files that say where the environment lies, not what is in it."""
_MAX_SCRIPT = 1 << 20


def gather(seen: Observation, repo: Repo) -> IngredientRef:
    """Returns interpreters, imported distributions, libraries, programs and variables of a run."""
    distributions = imported(seen, repo)
    libraries, programs = _Files(seen, repo).libraries_and_programs()
    record = EnvRecord(
        interpreters=_interpreters(seen, repo),
        distributions=distributions,
        libraries=libraries,
        programs=programs,
        variables=recorded(seen, "env"),
    )
    return IngredientRef(record=repo.records.add(record), custody="captured")


def _interpreters(seen: Observation, repo: Repo) -> tuple[Interpreter, ...]:
    found = {
        Interpreter(
            implementation=run.implementation,
            version=run.version_info,
            build=" ".join(run.version.split()),
            executable=_identified(os.path.realpath(os.fsencode(run.executable)), repo),
        )
        for run in seen.testimony.interpreters
    }
    return tuple(
        sorted(
            found, key=lambda one: (one.implementation, one.version, one.build, str(one.executable))
        )
    )


class _Files:
    """The files of the environment that belong to no distribution and not to the interpreter."""

    def __init__(self, seen: Observation, repo: Repo) -> None:
        self.seen = seen
        self.repo = repo
        self.ran = set(seen.programs)
        self.interpreters = {
            os.path.realpath(os.fsencode(run.executable)) for run in seen.testimony.interpreters
        }

    def libraries_and_programs(self) -> tuple[tuple[Library, ...], tuple[Library, ...]]:
        files = [file for file in self.seen.files if self._is_mine(file)]
        self.repo.contents.identify_many(file.at for file in files)
        libraries: set[Library] = set()
        programs: set[Library] = set()
        for file in files:
            held = Library(path=file.path, id=self._id(file))
            (programs if self._is_program(file) else libraries).add(held)
        return _sorted(libraries), _sorted(programs)

    def _is_mine(self, file: SeenFile) -> bool:
        if file.kind == "library":
            return True
        if file.kind != "distribution" or SITE.fullmatch(file.real):
            return False
        name = os.path.basename(file.real)
        if _PYTHON.fullmatch(name):
            return os.path.realpath(file.real) not in self.interpreters
        return name not in _ABOUT_THE_PREFIX and not _STANDARD_LIBRARY.search(file.real)

    def _is_program(self, file: SeenFile) -> bool:
        """Returns whether a file ran; the interpreter of a `#!` line is opened by the kernel."""
        return not _LIBRARY.search(file.real) and (file.executable or file.real in self.ran)

    def _id(self, file: SeenFile) -> BlobId | None:
        """Returns the file's id; where Python lies does not count in a script of the prefix."""
        if file.path.startswith("prefix:bin/") and file.size <= _MAX_SCRIPT:
            try:
                with open(file.at, "rb") as script:
                    first, _, rest = script.read(_MAX_SCRIPT).partition(b"\n")
            except OSError:
                return None
            if first.startswith(b"#!"):
                return blob_id(b"#!\n" + rest)
        return _identified(file.at, self.repo)


def _sorted(found: set[Library]) -> tuple[Library, ...]:
    return tuple(sorted(found, key=lambda held: (held.path, held.id or "")))


def _identified(path: bytes, repo: Repo) -> BlobId | None:
    try:
        return repo.contents.identify(path)[0]
    except (OSError, SestinaError):
        return None
