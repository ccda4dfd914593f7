"""What the rules know about a run besides the one path they decide on."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sestina.capture.lives import Life
from sestina.capture.places import INSTALLED
from sestina.kernel import escape
from sestina.records.observation import FileKind
from sestina.records.paths import Roots, is_within
from sestina.records.settings import Settings, covering
from sestina.store.truefolders import TrueFolders

_SYSTEM_PREFIXES = {b"/", b"/usr", b"/usr/local", b""}
_IN_SETTINGS = {"project": "", "abs": "/", "home": "~/", "prefix": "<prefix>/"}


Decision = tuple[FileKind | None, str]
"""What a rule says: the kind of a file (None drops it) and why."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """One run's surroundings. All paths are absolute bytes.

    `own` are sestina's files and folders, `prefixes` the environments of the interpreters,
    `sources` files that testimony says were imported, `scripts` words that an interpreter's
    command line names, `derived` and `fetched` cache folders that variables moved, `weights`
    folders from which model weights were read, `written` the inodes that the run wrote, `streams`
    the files that its standard output and error were given, `asking` the processes that only ran
    a program which asks about the machine.
    """

    roots: Roots
    settings: Settings
    own: tuple[bytes, ...] = ()
    prefixes: tuple[bytes, ...] = ()
    sources: frozenset[bytes] = frozenset()
    scripts: frozenset[bytes] = frozenset()
    derived: tuple[bytes, ...] = ()
    fetched: tuple[bytes, ...] = ()
    temporary: tuple[bytes, ...] = (b"/tmp", b"/var/tmp")
    weights: frozenset[bytes] = frozenset()
    written: frozenset[tuple[int, int]] = frozenset()
    began: int = 0
    streams: frozenset[bytes] = frozenset()
    asking: frozenset[int] = frozenset()
    _folders: TrueFolders = field(default_factory=TrueFolders, init=False, repr=False)
    _last: tuple[bytes, bytes] = field(default=(b"", b""), init=False, repr=False)
    _logical: dict[bytes, str] = field(default_factory=dict, init=False, repr=False)

    def in_settings(self, path: bytes) -> str:
        """Returns a path as the patterns of the settings name it."""
        root, _, rest = self.logical(path).partition(":")
        return _IN_SETTINGS[root] + rest

    def covered(self, patterns: tuple[str, ...], path: bytes) -> str | None:
        """Returns the pattern of the settings that covers an absolute path, if one does."""
        return covering(patterns, self.in_settings(path)) if patterns else None

    def logical(self, path: bytes) -> str:
        """Returns the logical text of an absolute path, as `Roots.logical` does."""
        folder, _, name = path.rpartition(b"/")
        found = self._logical.get(folder)
        if found is None:
            text = self.roots.logical(folder + b"/x")
            found = self._logical[folder] = text[:-1]
        return self.roots.logical(path) if self._is_root(path) else found + escape.to_text(name)

    def _is_root(self, path: bytes) -> bool:
        return path in (self.roots.project, self.roots.prefix, self.roots.home)

    def is_own(self, path: bytes) -> bool:
        """Returns whether a path is one of sestina's own."""
        return lies_in(path, self.own)

    def in_project(self, path: bytes) -> bool:
        """Returns whether a path lies in the project or in a folder declared as a root of data."""
        if is_within(path, self.roots.project):
            return True
        roots = self.settings.roots
        return bool(roots) and any(
            is_within(path, os.path.expanduser(os.fsencode(root))) for root in roots
        )

    def in_prefix(self, path: bytes) -> bool:
        """Returns whether a path is part of an interpreter's environment."""
        if INSTALLED.search(path):
            return True
        project = self.roots.project
        for prefix in self.prefixes:
            if is_within(path, prefix):
                return not (is_within(project, prefix) and is_within(path, project))
        return False

    def beside(self, path: bytes) -> bytes:
        """Returns a path with the links in its folder resolved, its last name as it is."""
        return self._folders.file(path)

    def true(self, path: bytes) -> bytes:
        """Returns the path that a path really leads to."""
        asked, found = self._last
        if asked != path:
            found = self.beside(path)
            try:
                if stat.S_ISLNK(os.lstat(found).st_mode):
                    found = os.path.realpath(found)
            except (OSError, ValueError):
                pass
            self._last = path, found
        return found

    def as_used(self, path: bytes) -> bytes:
        """Returns the path that names a file in records.

        It stays as the program used it, but where only its true path lies in the project or the
        environment (a folder that was entered through a link), it is that.
        """
        for root in (self.roots.project, self.roots.prefix):
            if root and is_within(path, root):
                return path
        beside = self.beside(path)
        roots = (self.roots.project, self.roots.prefix)
        return beside if any(root and is_within(beside, root) for root in roots) else path


Rule = Callable[[Life, Scene], Decision | None]


def lies_in(path: bytes, folders: tuple[bytes, ...]) -> bool:
    """Returns whether a path is one of the folders or lies below one."""
    if not path.startswith(folders):
        return False
    return any(is_within(path, folder) for folder in folders)


def sources(modules: Iterable[bytes], opened: Iterable[bytes]) -> frozenset[bytes]:
    """Returns the files of imported modules, and the `opened` archives that some lay in."""
    found, read = set(modules), set(opened)
    return frozenset(found | (read & {above for path in found for above in _above(path)}))


def _above(path: bytes) -> Iterator[bytes]:
    if INSTALLED.search(path):
        return
    while path := path.rpartition(b"/")[0]:
        yield path


def environments(prefixes: set[bytes], executables: list[bytes]) -> tuple[bytes, ...]:
    """Returns the folders that interpreters own: said by them, or known by where a binary lies."""
    found = set(prefixes)
    for path in executables:
        folder = os.path.dirname(os.path.dirname(path))
        if os.path.exists(folder + b"/pyvenv.cfg") or os.path.isdir(folder + b"/conda-meta"):
            found.add(folder)
    return tuple(sorted(found - _SYSTEM_PREFIXES, key=len, reverse=True))


def caches(environ: dict[str, str], home: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Returns the (derived, fetched) cache folders that variables name."""
    derived = _named(environ, home, _DERIVED_VARIABLES)
    shared = _named(environ, home, ("XDG_CACHE_HOME",))
    fetched = _named(environ, home, _FETCHED_VARIABLES)
    return (
        (*derived, *(f + b"/" + name for f in shared for name in _DERIVED_NAMES)),
        (*fetched, *(f + b"/" + name for f in shared for name in (b"huggingface", b"torch/hub"))),
    )


_DERIVED_VARIABLES = (
    "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR",
    "TORCH_EXTENSIONS_DIR", "CUDA_CACHE_PATH", "PIP_CACHE_DIR", "UV_CACHE_DIR",
    "PYTHONPYCACHEPREFIX", "JAX_COMPILATION_CACHE_DIR", "CCACHE_DIR",
)  # fmt: skip
_FETCHED_VARIABLES = (
    "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_DATASETS_CACHE", "TRANSFORMERS_CACHE",
    "TORCH_HOME", "SENTENCE_TRANSFORMERS_HOME", "KERAS_HOME", "NLTK_DATA", "SCIKIT_LEARN_DATA",
    "KAGGLEHUB_CACHE", "TFHUB_CACHE_DIR",
)  # fmt: skip
_DERIVED_NAMES = (
    b"matplotlib",
    b"fontconfig",
    b"numba",
    b"pip",
    b"uv",
    b"torch_extensions",
    b"sestina",
)


def _named(environ: dict[str, str], home: bytes, names: tuple[str, ...]) -> tuple[bytes, ...]:
    folders = []
    for name in names:
        value = environ.get(name, "")
        if value.startswith("~/"):
            value = os.fsdecode(home) + value[1:]
        if value.startswith("/") and len(value) > 1:
            folders.append(os.fsencode(value).rstrip(b"/"))
    return tuple(folders)
