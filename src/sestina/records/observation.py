"""What capture saw, before anything is stored: one observation per run.

`ingredients.claims` splits an observation into six, one per ingredient, whose files and claims
are disjoint and together are all the inputs (the partition law).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sestina.records.ingredient import Setting
from sestina.records.paths import Roots
from sestina.records.testimony import Testimony

FileKind = Literal[
    "code",  # source that was executed
    "config",  # a file of knobs: params
    "dotenv",  # a .env file: params, never a blob
    "data",  # any other input
    "distribution",  # a file of an installed distribution, or of the interpreter: env
    "library",  # a shared library or program of the system: env
    "output",  # written by the run and still there
    "intermediate",  # an output that the run read again
    "scratch",  # written and gone, or a cache
    "system",  # pseudo files, locale, time zone, fonts, passwd…: not an ingredient
    "secret",  # denied by name: its path is a fact, its bytes are never opened
]
INPUTS = ("code", "config", "dotenv", "data", "distribution", "library")
OUTPUTS = ("output", "intermediate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A span of a file that an ingredient other than the file's owner holds.

    `data` are the span's bytes, None where they are withheld; `placeholder` stands for them in
    the residue.
    """

    file: str
    name: str
    owner: str
    placeholder: str
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """One file and what the run did with it.

    `path` is logical, `real` absolute as it was used, `at` where its bytes can be read now (a kept
    pre-image for an input that the run changed). `rule` says which rule decided the kind. `keep`
    is False for a file whose bytes stay outside the repo (over the size cap). `torn`: it changed
    while the run went on, by another hand. `residue` are the bytes to hold instead of the file's
    own where other ingredients claim spans of it.
    """

    path: str
    real: bytes
    at: bytes
    kind: FileKind
    rule: str
    size: int
    executable: bool = False
    link: bytes | None = None
    keep: bool = True
    torn: bool = False
    gone: bool = False
    residue: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything that was seen of one run.

    `argv` are the words of the command as given (secrets redacted, roots made logical), `script`
    how many of them lead up to and include the script, `launching` the places among those of a
    launcher's own options (how many workers, on which hosts); `environ` is what the process
    started with and is never stored whole. `datasets` are the names that the settings give to
    data, a pattern each. `listings` maps listed folders to the id of their sorted names.
    """

    argv: tuple[str, ...]
    script: int
    folder: str
    roots: Roots
    environ: dict[str, str] = field(repr=False)
    files: tuple[SeenFile, ...]
    launching: tuple[int, ...] = ()
    claims: tuple[Claim, ...] = ()
    programs: tuple[bytes, ...] = ()
    testimony: Testimony = Testimony()
    datasets: tuple[Setting, ...] = ()
    listings: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    observer: str = "declared"
    exit: int | None = None
    began: str = ""
    ended: str = ""
    cpu_seconds: str = "0"
    peak_memory: int = 0

    @property
    def command(self) -> tuple[str, ...]:
        """Returns the words that are code: those up to the script, but a launcher's options."""
        words = enumerate(self.argv[: self.script])
        return tuple(word for place, word in words if place not in self.launching)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Returns the words that are params or seeds: a launcher's options and all that follows."""
        options = (self.argv[place] for place in self.launching)
        return (*options, *self.argv[self.script :])
