"""Which distributions a run imported, and whether their files are what the installer wrote.

A distribution counts when one of its files was opened, or a module of it was loaded. Reading its
metadata, or a `.pth` file at start-up, is no import.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from sestina.errors import SestinaError
from sestina.ingredients.env.installed import Installed, canonical_name, installed, linked
from sestina.ingredients.env.origin import Origin, editable, origin
from sestina.kernel import escape
from sestina.kernel.ids import BlobId, blob_id
from sestina.records.ingredient import Distribution, Span
from sestina.records.observation import Observation
from sestina.records.paths import is_within
from sestina.store.truefolders import TrueFolders

if TYPE_CHECKING:
    from sestina.store.repo import Repo

SITE = re.compile(rb"(.*/(?:site|dist)-packages)/(.+)", re.DOTALL)
_NO_IMPORT = re.compile(
    rb"[^/]+\.(?:dist|egg)-info(?:/.*)?|[^/]+\.(?:pth|egg-link|virtualenv)|(?:.*/)?__pycache__/.*",
    re.DOTALL,
)
_NOT_A_PROJECTS = re.compile(r"__main__|sitecustomize|_sestina_hook(?:\..*)?")
State = Literal["verified", "modified", "unverified"]


def imported(seen: Observation, repo: Repo) -> tuple[Distribution, ...]:
    """Returns the distributions of a run, sorted by name."""
    used = _Used(seen)
    known = repo.contents.identify_many(used.at.values())
    ids = {path: held[0] for path, at in used.at.items() if (held := known[at])}
    found: set[Distribution] = set()
    for site, paths in used.by_site.items():
        found |= set(_Site(site, seen, ids, used.at, repo).distributions(paths))
    for site in used.sites:
        found |= set(_editables(site, seen))
    return tuple(
        sorted(
            found, key=lambda dist: (dist.name, dist.version, dist.content or "", dist.source or "")
        )
    )


class _Used:
    """The files of distributions that were used: `at` says where the bytes of each are now."""

    def __init__(self, seen: Observation) -> None:
        self.at: dict[bytes, bytes] = {}
        self.by_site: defaultdict[bytes, set[bytes]] = defaultdict(set)
        folders = TrueFolders()
        for module in seen.testimony.modules:
            if "-packages" in module.file:
                real = folders.file(os.fsencode(module.file))
                self._add(real, real)
        for file in seen.files:
            if file.kind == "distribution" and file.link is None and not file.gone:
                self._add(file.real, file.at)
        said = {os.fsencode(path) for run in seen.testimony.interpreters for path in run.path}
        listed = {os.path.realpath(path) for path in said if path.endswith(b"-packages")}
        self.sites = sorted(listed | self.by_site.keys())

    def _add(self, real: bytes, at: bytes) -> None:
        if real not in self.at:
            match = SITE.fullmatch(real)
            if not match or _NO_IMPORT.fullmatch(match[2]):
                return
            self.by_site[match[1]].add(match[2])
        self.at[real] = at


class _Site:
    """One folder of distributions, and the files in it that the run used."""

    def __init__(
        self,
        site: bytes,
        seen: Observation,
        ids: dict[bytes, BlobId],
        at: dict[bytes, bytes],
        repo: Repo,
    ) -> None:
        self.site = site
        self.seen = seen
        self.ids = ids
        self.at = at
        self.repo = repo
        self.held = installed(site)

    def distributions(self, paths: Iterable[bytes]) -> Iterator[Distribution]:
        tops: defaultdict[bytes, set[bytes]] = defaultdict(set)
        for path in paths:
            tops[path.partition(b"/")[0]].add(path)
        owned: defaultdict[int, set[bytes]] = defaultdict(set)
        for top, below in tops.items():
            left = set(below)
            owner = None
            for number in self._candidates(top):
                mine = self._own(number, top, left)
                if mine:
                    owned[number] |= mine
                    left -= mine
                if owner is None and self.held[number].holds(top):
                    owner = number
                if not left:
                    break
            if left and owner is not None:
                owned[owner] |= left
            elif left:
                yield self._nobodys(top, left)
        for number, mine in owned.items():
            yield self._distribution(self.held[number], mine)

    def _candidates(self, top: bytes) -> Iterator[int]:
        """Yields the distributions that may hold `top`; those that have its name come first."""
        name = canonical_name(top.partition(b".")[0].decode("utf-8", "replace"))
        numbers = range(len(self.held))
        yield from (at for at in numbers if self.held[at].name == name)
        yield from (at for at in numbers if self.held[at].name != name and self.held[at].holds(top))

    def _own(self, number: int, top: bytes, paths: set[bytes]) -> set[bytes]:
        held = self.held[number]
        if held.record:
            return held.own(paths)
        return paths if held.holds(top) else set()

    def _distribution(self, held: Installed, paths: set[bytes]) -> Distribution:
        changed, unknown = self._against_record(held, paths)
        content = held.content
        if changed and self.site.endswith(b"/dist-packages"):
            # the operating system strips libraries after RECORD is written: its files are as it
            # made them, and RECORD says nothing about them
            changed, unknown, content = [], True, None
        state: State = "modified" if changed else "unverified" if unknown else "verified"
        found = origin(held, self.seen.roots)
        return Distribution(
            name=held.name,
            version=held.version,
            content=None if found and found.folder else content or self._seen_content(paths),
            state=state,
            source=found.source if found else None,
            changed=self._spans(changed),
        )

    def _against_record(self, held: Installed, paths: set[bytes]) -> tuple[list[bytes], bool]:
        """Returns the files that are not as installed, and whether RECORD left some open."""
        if not held.record:
            return [], True
        changed, unknown = sorted(paths - held.own(paths)), False
        for path in held.own(paths):
            real, expected = os.path.join(self.site, path), held.expected(path)
            if expected is None:
                unknown = True
            elif real in self.ids and self.ids[real] != expected:
                changed.append(path)
        return changed, unknown

    def _seen_content(self, paths: Iterable[bytes]) -> str:
        """Returns an id over the files that were used, for want of a RECORD of all."""
        lines = [
            b"%s,%s" % (path, self.ids[real].encode())
            for path in sorted(paths)
            if (real := os.path.join(self.site, path)) in self.ids
        ]
        return blob_id(b"\n".join(lines))

    def _nobodys(self, top: bytes, paths: set[bytes]) -> Distribution:
        """Returns what lies among the distributions and belongs to none: known by its bytes."""
        name = escape.to_text(top.removesuffix(b".py"))
        return Distribution(
            name=name,
            version="",
            content=None,
            state="unverified",
            source=None,
            changed=self._spans(paths),
        )

    def _spans(self, paths: Iterable[bytes]) -> tuple[Span, ...]:
        spans = []
        for path in sorted(paths):
            real = os.path.join(self.site, path)
            try:
                blob, _ = self.repo.contents.add_file(self.at[real])
            except (OSError, SestinaError):
                continue
            logical = self.seen.roots.logical(real)
            spans.append(Span(file=logical, name=escape.to_text(path), placeholder="", blob=blob))
        return tuple(spans)


def _editables(site: bytes, seen: Observation) -> Iterator[Distribution]:
    """Yields the distributions whose modules were loaded from where their source lies."""
    loaded = [
        path
        for module in seen.testimony.modules
        if not _NOT_A_PROJECTS.fullmatch(module.name)
        and not SITE.fullmatch(path := os.fsencode(module.file))
    ]
    places: list[tuple[Installed, Origin | None]] = [
        (held, origin(held, seen.roots)) for held in installed(site)
    ]
    places += [(held, editable(folder, seen.roots)) for held, folder in linked(site)]
    for held, found in places:
        folder = found.folder if found else None
        if found and folder and any(is_within(path, folder) for path in loaded):
            yield Distribution(
                name=held.name,
                version=held.version,
                content=None,
                state="unverified",
                source=found.source,
                changed=(),
            )
