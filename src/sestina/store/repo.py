"""A repo: contents, records and journal in one place, and the one way to change it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType

from sestina.errors import Refused, SestinaError, Unavailable
from sestina.kernel import when
from sestina.records.entry import Effect, Entry
from sestina.store import commit, layout
from sestina.store.backend import Backend
from sestina.store.backends.local import LocalBackend
from sestina.store.catalog.catalog import Catalog
from sestina.store.contents import Contents
from sestina.store.index import index_file
from sestina.store.journal import Head, Journal
from sestina.store.live import LiveRuns
from sestina.store.locks import Turn
from sestina.store.records import Records
from sestina.store.refs import Refs


class Repo:
    """Opened by `Repo.open`, made by `Repo.create`; close it, or use it in a `with` statement.

    A repo belongs to one command; threads may add to it and read from it at once.
    `path` is the `.sestina` folder, `workspace` the folder that holds it. What is added to
    `contents` and `records` exists for others after the next `commit`; `close` drops the rest.
    """

    def __init__(
        self, backend: Backend, path: Path, cache: Path | None, *, read_only: bool
    ) -> None:
        self.path = path
        self.workspace = path.parent
        self.read_only = read_only
        self.backend = backend
        self._cache = cache
        self.scratch = path / "tmp"
        self._turn = Turn(path / "locks" / "writers" if isinstance(backend, LocalBackend) else None)
        self._broken: SestinaError | None = None
        self._temporary = False
        self._known_purged: dict[str, str] | None = None
        self.index = index_file(cache)
        self.records = Records(backend, self.index, self.scratch, before_write=self._hold)
        self.contents = Contents(
            backend,
            self.index,
            self.scratch,
            is_purged=lambda identifier: identifier in self._purged(),
            before_write=self._hold,
        )
        self.journal = Journal(backend)
        self.live = LiveRuns(path / "live")

    @classmethod
    def create(cls, workspace: Path | str) -> Repo:
        """Returns a new repo in `workspace/.sestina`; raises Conflict where there is one."""
        path = Path(workspace).absolute() / layout.FOLDER
        backend = LocalBackend(path)
        layout.lay_out(backend, str(workspace))
        return cls.open(path)

    @classmethod
    def open(cls, where: Path | str, *, read_only: bool = False) -> Repo:
        """Returns the repo in the folder `where`, or a fresh one for `memory:`.

        Raises NotFound where there is none and Unsupported for a format of the future.
        """
        if where == "memory:":
            return cls._in_memory()
        path = layout.found(Path(where))
        backend = LocalBackend(path)
        layout.check_format(backend)
        cache = layout.cache_folder(layout.repo_id(backend, path), path)
        return cls(backend, path, cache, read_only=read_only)

    @classmethod
    def _in_memory(cls) -> Repo:
        import tempfile

        from sestina.store.backends.memory import MemoryBackend

        backend = MemoryBackend()
        layout.lay_out(backend, "memory:")
        path = Path(tempfile.mkdtemp(prefix="sestina-")) / layout.FOLDER
        repo = cls(backend, path, None, read_only=False)
        repo._temporary = True
        return repo

    @cached_property
    def id(self) -> str:
        """Returns the random id that the repo was born with; copies keep it."""
        return layout.repo_id(self.backend, self.path)

    @cached_property
    def catalog(self) -> Catalog:
        """Returns the index, which follows the journal by itself."""
        from sestina.store.catalog.sqlite import SqliteCatalog

        return SqliteCatalog(self._cache, self.journal, self.records)

    @cached_property
    def refs(self) -> Refs:
        """Returns what names stand for."""
        return Refs(self.catalog, self.records, self.contents)

    @property
    def hints(self) -> list[str]:
        """Returns what people should know about this repo's index, if anything."""
        catalog = self.__dict__.get("catalog")
        hints = [*self.index.hints, *(catalog.hints if catalog is not None else [])]
        return list(dict.fromkeys(hints))

    def at(self, time: str) -> Repo:
        """Returns a read-only view whose refs and catalog are as they were at `time`.

        `time` is RFC 3339, a date or an age (`2h`). The view shares this repo's files: close the
        repo, not the view.
        """
        view: Repo = object.__new__(Repo)
        view.__dict__.update(self.__dict__)
        view.read_only = True
        view.catalog = self.catalog.as_of(when.parse(time))
        view.refs = Refs(view.catalog, view.records, view.contents)
        return view

    def commit(
        self,
        verb: str,
        effects: Sequence[Effect],
        *,
        actor: str | None = None,
        reason: str | None = None,
        expect: str | None = None,
        evidence: Sequence[str] = (),
        origin: str | None = None,
    ) -> Entry:
        """Returns the journal's new entry, after everything that was added is durable.

        Versions without a number get the next one of their model. `expect` is the record that
        the ref of the first effect must stand for (`commit.NOTHING`: it must not be set); raises
        Conflict where it does not. Raises Unavailable on a full disk, and then nothing happened.
        """
        self._hold()
        commit.check(effects, self.records)
        self._flush()

        def next_entry(head: Head) -> Entry:
            commit.check_refs(effects, expect, self.catalog)
            clock = when.now()
            return Entry(
                seq=head.seq + 1,
                prev=head.id,
                at=when.after(head.at, clock) if head.seq else clock,
                clock=clock,
                actor=actor or commit.default_actor(),
                verb=verb,
                effects=commit.numbered(effects, self.catalog),
                expect=expect,
                reason=reason,
                evidence=tuple(evidence),
                origin=origin,
            )

        entry = commit.append(self.journal, self.catalog, next_entry)
        self.contents.stats.save()
        self._turn.give_back()
        self._turn.sweep(self.scratch)
        return entry

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other writers out; raises Conflict where one does not finish in a minute."""
        self._refuse_if_closed_to_writing()
        self._turn.take_alone()
        try:
            yield
        finally:
            self._turn.stop_being_alone()

    def drop(self) -> None:
        """Returns when nothing that was added since the last commit is left."""
        self.contents.drop()
        self.records.drawer.drop()
        self._turn.give_back()

    def close(self) -> None:
        """Returns when nothing is held open; what was not committed is dropped."""
        self.drop()
        self.contents.stats.save()
        if "catalog" in self.__dict__:
            self.catalog.close()
        self.index.close()
        if self._temporary:
            import shutil

            shutil.rmtree(self.workspace, ignore_errors=True)

    def __enter__(self) -> Repo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _hold(self) -> None:
        """What was found here must still be here at commit, so no purge may come between."""
        self._refuse_if_closed_to_writing()
        if not self._turn.is_taken:
            self._turn.take()
            self._known_purged = None

    def _purged(self) -> dict[str, str]:
        """While a writer holds purges off, nothing can be added to what is known."""
        known = self._known_purged if self._turn.is_taken else None
        if known is None:
            known = self._known_purged = self.catalog.purged()
        return known

    def _refuse_if_closed_to_writing(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self.read_only:
            raise Refused("refused/read-only", "this repo was opened for reading only")

    def _flush(self) -> None:
        """Bytes that were lost on the way down cannot be brought back by a second try."""
        try:
            self.contents.flush()
            self.records.drawer.flush()
        except Unavailable as error:
            self._broken = error
            self.drop()
            raise
