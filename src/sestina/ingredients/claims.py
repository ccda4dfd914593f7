"""The partition law: every observed byte belongs to exactly one ingredient.

A file's kind decides who owns it. Inside code and config files other ingredients may claim spans:
a feature function, a literal of a settings module, a seed. What is claimed leaves the owner's
bytes, so `diff` never reports a change twice.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import replace

from sestina.ingredients.cuts import Cut, carve
from sestina.records.ingredient import NAMES, Setting
from sestina.records.observation import Claim, FileKind, Observation, SeenFile
from sestina.records.settings import Settings

Claimant = Callable[[SeenFile, bytes, Settings], list[Cut]]

OWNERS: dict[FileKind, str] = {
    "code": "code",
    "config": "params",
    "dotenv": "params",
    "data": "data",
    "distribution": "env",
    "library": "env",
}
MAX_TEXT = 1 << 20
"""Bytes. A bigger file belongs to its owner whole: nobody keeps settings in such a file."""


def split(seen: Observation, settings: Settings) -> dict[str, Observation]:
    """Returns one observation per ingredient, disjoint, which together are all the inputs.

    Files and claims are dealt out. What argv, the environment and testimony say is visible to
    all; which word or variable belongs to whom is decided in the rooms of params, env and seed.
    """
    files: dict[str, list[SeenFile]] = {name: [] for name in NAMES}
    claims: dict[str, list[Claim]] = {name: [] for name in NAMES}
    for file in _inputs(seen):
        kept, claimed = _carved(file, settings)
        files[OWNERS[file.kind]].append(kept)
        for claim in claimed:
            claims[claim.owner].append(claim)
    datasets = tuple(
        Setting(name=dataset.name, value=pattern)
        for dataset in sorted(settings.datasets, key=lambda dataset: dataset.name)
        for pattern in dataset.patterns
    )
    return {
        name: replace(
            seen,
            files=tuple(files[name]),
            claims=tuple(claims[name]),
            datasets=datasets if name == "data" else (),
        )
        for name in NAMES
    }


def _inputs(seen: Observation) -> Iterable[SeenFile]:
    """Returns the inputs by path, each path once."""
    inputs = {file.path: file for file in reversed(seen.files) if file.kind in OWNERS}
    return [inputs[path] for path in sorted(inputs)]


def _carved(file: SeenFile, settings: Settings) -> tuple[SeenFile, tuple[Claim, ...]]:
    if file.kind not in ("code", "config", "dotenv") or file.link is not None:
        return file, ()
    text = _read(file.at)
    if text is None:
        return (replace(file, residue=b""), ()) if file.kind == "dotenv" else (file, ())
    cuts = [cut for claimant in _claimants() for cut in claimant(file, text, settings)]
    residue, claims = carve(file.path, text, cuts)
    if file.kind == "dotenv":
        residue = _names_only(residue, claims)
    elif not claims:
        return file, ()
    return replace(file, residue=residue), claims


def _claimants() -> tuple[Claimant, ...]:
    from sestina.ingredients.features.cut import cuts as feature_functions
    from sestina.ingredients.params.cut import cuts as settings_and_keys
    from sestina.ingredients.seed.cut import cuts as seed_keys

    return feature_functions, settings_and_keys, seed_keys


def _read(path: bytes) -> bytes | None:
    """Returns the file's text; None where it is not text, too long, or cannot be read now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            text = opened.read(MAX_TEXT + 1)
    except (OSError, ValueError):
        return None
    if len(text) > MAX_TEXT:
        return None
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text


def _names_only(residue: bytes, claims: Iterable[Claim]) -> bytes:
    """Returns the lines of a `.env` that hold a placeholder, without comments.

    Such a file is full of secrets, and a comment is as good a place for one as any.
    """
    placeholders = [re.escape(claim.placeholder.encode()) for claim in claims]
    if not placeholders:
        return b""
    line = re.compile(
        rb"^[ \t]*(?:export[ \t]+)?[^\s=#\"']+[ \t]*[=:][ \t]*(?:['\"]?)"
        rb"(?:" + rb"|".join(placeholders) + rb")['\"]?",
        re.MULTILINE,
    )
    return b"".join(match[0] + b"\n" for match in line.finditer(residue))
