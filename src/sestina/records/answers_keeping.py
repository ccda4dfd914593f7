"""What the verbs that name, give back and look after things return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.records.answers import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAnswer:
    """A name that was set: a tag, a version, or a note; `record` is what it names."""

    name: str
    record: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAnswer(NamedAnswer):
    """A tag that was set."""

    SCHEMA: ClassVar[str] = "sestina.tag/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAnswer(NamedAnswer):
    """A note that was written; `name` is what it is about, `record` the note."""

    SCHEMA: ClassVar[str] = "sestina.note/1"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAnswer(NamedAnswer):
    """A version that was made."""

    SCHEMA: ClassVar[str] = "sestina.version/1"
    run: str
    format: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAnswer:
    """What was given back. `blanks` are withheld values that a person must fill in.

    `missing` are files that this repo does not hold, `purged` those of them that were removed.
    """

    SCHEMA: ClassVar[str] = "sestina.restore/1"
    name: str
    into: str
    parts: tuple[str, ...]
    files: int
    size: int
    missing: tuple[str, ...]
    purged: tuple[str, ...]
    blanks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatAnswer:
    """One file: its exact bytes (base64 in JSON) and their id."""

    SCHEMA: ClassVar[str] = "sestina.cat/1"
    path: str | None
    id: str
    size: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeAnswer:
    """Blobs that were removed for good, and the runs and versions that had them."""

    SCHEMA: ClassVar[str] = "sestina.purge/1"
    blobs: tuple[str, ...]
    size: int
    reason: str
    hit: tuple[str, ...]
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuLine:
    """How many there are of something and the bytes they take."""

    name: str
    count: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuAnswer:
    """Where the repo's bytes are: `disk` by drawer, as they lie compressed; `held` by what they
    are, uncompressed, each blob counted once under the first that holds it.
    """

    SCHEMA: ClassVar[str] = "sestina.du/1"
    path: str
    size: int
    disk: tuple[DuLine, ...]
    held: tuple[DuLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorAnswer:
    """What this machine offers. `ok` is False where something needs a person."""

    SCHEMA: ClassVar[str] = "sestina.doctor/1"
    ok: bool
    items: tuple[Item, ...]
