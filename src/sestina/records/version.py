"""A numbered, immutable model, and words added to a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sestina.kernel.ids import RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A model made by a run. Its number is given by the journal entry that adds it.

    `files` is the tree of the model's files; `format` is what they were recognised as.
    """

    KIND: ClassVar[str] = "version"
    V: ClassVar[int] = 1
    model: str
    files: RecordId
    format: str
    run: RecordId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote about a record."""

    KIND: ClassVar[str] = "note"
    V: ClassVar[int] = 1
    about: RecordId
    text: str
