"""The six ingredient records. Each holds only bytes that were observed, or their ids.

Trees in these records have one entry per root (`project`, `prefix`, `home`, `abs`) at the top. A
file that two ingredients share stands in its owner's tree as *residue*: every span that another
ingredient claims is replaced by a placeholder, and the claiming record holds the span.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sestina.kernel.ids import BlobId, RecordId

Custody = Literal["captured", "referenced", "declared", "missing"]
CUSTODIES: tuple[Custody, ...] = ("captured", "referenced", "declared", "missing")
"""From best to worst: an ingredient's custody is that of its worst part."""

NAMES = ("code", "data", "features", "params", "env", "seed")
"""The six, in the order in which they are always shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngredientRef:
    """Which record an ingredient is, and how well it is held."""

    record: RecordId
    custody: Custody


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A name and the text of its value; `value` is None where it is withheld or unset."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a file that this record owns while another ingredient owns the file.

    `file` is logical; `name` is the function's qualified name or the dotted key, unique in the
    file; `placeholder` is the text that stands for it in the residue. `blob` is None where the
    bytes are withheld (a secret): `restore` then leaves the placeholder as a named blank.
    """

    file: str
    name: str
    placeholder: str
    blob: BlobId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRecord:
    """Source that was executed. `command` are the words up to and including the script."""

    KIND: ClassVar[str] = "code"
    V: ClassVar[int] = 1
    command: tuple[str, ...]
    folder: str
    files: RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRecord:
    """Every other input. `datasets` names parts of the tree, as `sestina.toml` does."""

    KIND: ClassVar[str] = "data"
    V: ClassVar[int] = 1
    files: RecordId
    datasets: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesRecord:
    """Functions that define features, claimed by `sestina.toml` or the decorator."""

    KIND: ClassVar[str] = "features"
    V: ClassVar[int] = 1
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamsRecord:
    """Every knob. `arguments` are argv after the script, `files` config files that were read,
    `spans` keys of settings modules and of `.env`, `variables` environment variables that code
    read, `recorded` what the program told through `sestina.param`.
    """

    KIND: ClassVar[str] = "params"
    V: ClassVar[int] = 1
    arguments: tuple[str, ...]
    files: RecordId
    spans: tuple[Span, ...]
    variables: tuple[Setting, ...]
    recorded: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python that ran. `executable` is the id of its binary, `build` what `sys.version` says."""

    implementation: str
    version: str
    build: str
    executable: BlobId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A distribution that was imported.

    `content` is an id over its own RECORD lines, equal wherever the same wheel is installed.
    `state`: `verified` (the files that were opened are what RECORD says), `modified` (those in
    `changed` are not), `unverified` (RECORD gives no ids). `source` is the direct URL, if any.
    """

    name: str
    version: str
    content: str | None
    state: Literal["verified", "modified", "unverified"]
    source: str | None
    changed: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A shared library or program outside the project that was loaded, by logical path and id."""

    path: str
    id: BlobId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRecord:
    """The software that the process ran in."""

    KIND: ClassVar[str] = "env"
    V: ClassVar[int] = 1
    interpreters: tuple[Interpreter, ...]
    distributions: tuple[Distribution, ...]
    libraries: tuple[Library, ...]
    programs: tuple[Library, ...]
    variables: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecord:
    """Random state that did not come from a literal in source.

    `variables` are the seed variables (`PYTHONHASHSEED` is always there, `unset` as value None),
    `arguments` and `spans` the seeds that came by argv and by config files, at their origin.
    """

    KIND: ClassVar[str] = "seed"
    V: ClassVar[int] = 1
    variables: tuple[Setting, ...]
    arguments: tuple[Setting, ...]
    spans: tuple[Span, ...]
