"""What an installer wrote down about the distributions of one `site-packages` folder.

`RECORD` is described by the packaging specification "Recording installed projects" (PEP 376 and
627): a line per file with path, `sha256=` and unpadded URL-safe base64, and size.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_DIST_INFO = re.compile(rb"(.+?)-([^-]+)\.dist-info")
_EGG_INFO = re.compile(rb"(.+?)(?:-(\d[^-]*))?(?:-py\d[\d.]*)?\.egg-info")
_INSTALLERS_OWN = re.compile(
    rb"[^/]+\.dist-info/(?:INSTALLER|REQUESTED|RECORD(?:\.jws|\.p7s)?|direct_url\.json|uv_\w+\.json)"
    rb"|(?:\.\./)+(?:.*/)?(?:bin|Scripts)/[^/]+"
)
_FIELD = re.compile(rb"^(Name|Version):[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_MAX_METADATA = 1 << 20
_MAX_RECORD = 64 << 20


@dataclass(frozen=True)
class Installed:
    """One distribution: `site` is the folder it lies in, `info` the name of its own folder."""

    site: bytes
    info: bytes
    name: str
    version: str

    @cached_property
    def record(self) -> bytes:
        """Returns RECORD as it is, empty where there is none."""
        return self.read(b"RECORD", _MAX_RECORD)

    @cached_property
    def _lines(self) -> dict[bytes, bytes]:
        """Returns the lines of RECORD by path, without those of compiled files."""
        found = {}
        for line in self.record.splitlines():
            path = line.rsplit(b",", 2)[0]
            if not path.endswith(b".pyc"):
                found[_unquoted(path) if path.startswith(b'"') else path] = line
        return found

    def own(self, paths: set[bytes]) -> set[bytes]:
        """Returns those of `paths` that RECORD lists."""
        return paths & self._lines.keys()

    def expected(self, path: bytes) -> str | None:
        """Returns the SHA-256 that RECORD says a file has, None where it says none."""
        said = self._lines.get(path, b"").rsplit(b",", 2)
        return _hex(said[1]) if len(said) == 3 and said[1].startswith(b"sha256=") else None

    @property
    def content(self) -> str | None:
        """Returns one id over all files of the distribution, wherever it is installed.

        What an installer adds on its own (compiled files, scripts with an interpreter's path,
        its notes) does not count. None without a RECORD.
        """
        if not self.record:
            return None
        own = [
            line
            for path, line in self._lines.items()
            if not (b".dist-info/" in path or path[:1] == b".")  # nearly all, at once
            or not _INSTALLERS_OWN.fullmatch(path)
        ]
        return hashlib.sha256(b"\n".join(sorted(own))).hexdigest()

    def holds(self, top: bytes) -> bool:
        """Returns whether a file or folder of this name lies at the top of the distribution."""
        if not self.record:
            listed = self.read(b"top_level.txt").split() or [self.name.replace("-", "_").encode()]
            return top.partition(b".")[0] in listed
        for found in (top + b"/", top + b","):
            if self.record.startswith(found) or b"\n" + found in self.record:
                return True
        return False

    def read(self, name: bytes, limit: int = _MAX_METADATA) -> bytes:
        """Returns a file of the distribution's own folder, empty where there is none."""
        return _read(os.path.join(self.site, self.info, name), limit)


def installed(site: bytes) -> list[Installed]:
    """Returns the distributions of a folder, sorted by the names of their own folders."""
    try:
        names = sorted(os.listdir(site))
    except OSError:
        return []
    return [found for name in names if (found := _installed(site, name))]


def canonical_name(name: str) -> str:
    """Returns a distribution's name as the packaging specification normalises it (PEP 503).

    >>> canonical_name("Ruamel_YAML.clib")
    'ruamel-yaml-clib'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def linked(site: bytes) -> Iterator[tuple[Installed, bytes]]:
    """Yields the distributions that a `.egg-link` names, with the folder of their source."""
    try:
        names = sorted(name for name in os.listdir(site) if name.endswith(b".egg-link"))
    except OSError:
        return
    for name in names:
        folder = _read(os.path.join(site, name)).split(b"\n")[0].strip()
        if folder.startswith(b"/"):
            for found in installed(folder):
                yield found, folder


def _installed(site: bytes, name: bytes) -> Installed | None:
    match = _DIST_INFO.fullmatch(name) or _EGG_INFO.fullmatch(name)
    if not match:
        return None
    said, version = match[1].decode("utf-8", "replace"), match[2]
    if version is None:
        path = os.path.join(site, name)
        inside = os.path.join(path, b"PKG-INFO")
        fields = dict(_FIELD.findall(_read(inside if os.path.isdir(path) else path)))
        version = fields.get(b"Version", b"")
    return Installed(site, name, canonical_name(said), version.decode("utf-8", "replace"))


def _read(path: bytes, limit: int = _MAX_METADATA) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return file.read(limit)
    except OSError:
        return b""


def _unquoted(path: bytes) -> bytes:
    return path[1:-1].replace(b'""', b'"')


def _hex(said: bytes) -> str | None:
    try:
        return base64.urlsafe_b64decode(said.removeprefix(b"sha256=") + b"=").hex()
    except (binascii.Error, ValueError):
        return None
