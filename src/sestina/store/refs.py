"""Refs: what names stand for, which is the journal's last word."""

from __future__ import annotations

from typing import NamedTuple

from sestina.errors import Conflict, NotFound
from sestina.kernel.ids import short
from sestina.records import names
from sestina.records.names import Name
from sestina.store.catalog.catalog import Catalog, RunRow, VersionRow
from sestina.store.catalog.fold import run_name, version_name
from sestina.store.contents import Contents
from sestina.store.records import Records


class Target(NamedTuple):
    """What a name stands for.

    `kind` is `run`, `version`, `recipe`, `blob`, or `record` for any other kind of record; `name`
    is the canonical spelling for people.
    """

    kind: str
    id: str
    name: str


class Refs:
    """Resolves names over the catalog. Every answer is as of the catalog's time."""

    def __init__(self, catalog: Catalog, records: Records, contents: Contents) -> None:
        self._catalog = catalog
        self._records = records
        self._contents = contents

    def resolve(self, text: str) -> Target:
        """Returns what `text` stands for.

        Raises NotFound with the nearest names that exist, Conflict where the start of an id is
        not unique, InvalidInput for what is no name, Unsupported for slots and datasets.
        """
        name = names.parse(text)
        if name.kind == "version":
            return self._version(name)
        if name.kind == "run":
            return self._run(name)
        if name.kind == "recipe":
            found = self._catalog.starting_with("recipe", name.word)
            return Target("recipe", self._only(found, text, "recipe"), f"recipe/{name.word}")
        if name.kind == "tag":
            return self._tag(name)
        return self._word(name)

    def versions(self, model: str | None = None) -> list[VersionRow]:
        """Returns the versions of a model (or of all), sorted by model and number."""
        return self._catalog.versions(model)

    def models(self) -> list[str]:
        """Returns the names of the models that have a version, sorted."""
        return sorted({version.model for version in self._catalog.versions()})

    def runs(self, *, limit: int | None = None) -> list[RunRow]:
        """Returns the runs, newest first."""
        return self._catalog.runs(limit=limit)

    def tags(self) -> list[tuple[str, str]]:
        """Returns (tag, record id), sorted by tag."""
        return self._catalog.all_last("tag")

    def label(self, identifier: str) -> str:
        """Returns the best name for a record: `fraud:7`, a run's name, `run/…`, else its id."""
        version = self._catalog.version_of(identifier)
        if version is not None:
            return version_name(version.model, version.number)
        row = self._catalog.run(identifier)
        if row is not None:
            named = row.name is not None and self._catalog.last("name", row.name) == row.id
            return row.name if named and row.name else run_name(identifier)
        if identifier in self._catalog.starting_with("recipe", identifier):
            return f"recipe/{short(identifier)}"
        return short(identifier)

    def _version(self, name: Name) -> Target:
        versions = self._catalog.versions(name.word)
        for version in versions:
            if version.number == name.number:
                return Target("version", version.id, version_name(name.word, version.number))
        if not versions:
            raise self._no_such(name.word, "model", self.models())
        newest = versions[-1]
        by = f" by {run_name(newest.run)}" if newest.run else ""
        raise NotFound(
            "not-found/version",
            f"model '{name.word}' has no version {name.number}",
            why=f"its newest version is {version_name(name.word, newest.number)},"
            f" made {newest.at[:10]}{by}",
            hint=f"sestina log {name.word}",
        )

    def _run(self, name: Name) -> Target:
        named = self._catalog.last("name", name.word)
        if named is not None:
            return Target("run", named, name.word)
        found = self._catalog.starting_with("run", name.word) if name.may_be_id else []
        if not found:
            near = [run for run, _ in self._catalog.all_last("name")]
            raise self._no_such(name.word, "run", near, prefix="run/")
        identifier = self._only(found, name.word, "run")
        return Target("run", identifier, run_name(identifier))

    def _tag(self, name: Name) -> Target:
        record = self._catalog.last("tag", name.word)
        if record is None:
            raise self._no_such(name.word, "tag", [tag for tag, _ in self.tags()], prefix="tag/")
        return Target(self._kind(record), record, f"tag/{name.word}")

    def _word(self, name: Name) -> Target:
        versions = self._catalog.versions(name.word)
        if versions:
            newest = versions[-1]
            return Target("version", newest.id, version_name(newest.model, newest.number))
        named = self._catalog.last("name", name.word)
        if named is not None:
            return Target("run", named, name.word)
        if name.may_be_id:
            found: list[str] = [
                *self._records.find_prefix(name.word),
                *self._contents.find_prefix(name.word),
            ]
            if found:
                identifier = self._only(found, name.word, "id")
                return Target(self._kind(identifier), identifier, self.label(identifier))
            for blob, reason in self._catalog.purged().items():
                if blob.startswith(name.word):
                    raise _was_purged(blob, reason)
        known = [*self.models(), *(run for run, _ in self._catalog.all_last("name"))]
        raise self._no_such(name.word, "model, run or record", known)

    def _kind(self, identifier: str) -> str:
        if not self._records.has(identifier):
            return "blob"
        kind: str = self._records.get_any(identifier).KIND
        return kind if kind in ("run", "version", "recipe") else "record"

    def _only(self, found: list[str], text: str, what: str) -> str:
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound(_code(what), f"there is no {what} '{text}'", hint="sestina log")
        raise Conflict(
            "conflict/ambiguous",
            f"'{text}' is the start of more than one {what}",
            why=", ".join(sorted(found)[:4]),
            hint="type more digits",
        )

    def _no_such(self, word: str, what: str, known: list[str], *, prefix: str = "") -> NotFound:
        from difflib import get_close_matches

        near = get_close_matches(word, known, n=3, cutoff=0.6)
        why = f"did you mean {' or '.join(prefix + name for name in near)}?" if near else None
        return NotFound(_code(what), f"there is no {what} '{word}'", why=why, hint="sestina log")


def _code(what: str) -> str:
    return {
        "model": "not-found/model",
        "recipe": "not-found/recipe",
        "run": "not-found/run",
        "tag": "not-found/tag",
    }.get(what, "not-found/name")


def _was_purged(blob: str, reason: str) -> NotFound:
    return NotFound(
        "not-found/blob",
        f"this repo has no blob {short(blob)}",
        why=f"it was removed for good: {reason}",
        hint="sestina check",
    )
