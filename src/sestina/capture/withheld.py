"""Keeping secrets out of what is handed on: tokens in source and settings, values in testimony."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sestina.capture.scene import Scene
from sestina.kernel.withhold import (
    has_secret,
    has_token,
    value_of,
    without_secrets,
    words_without_secrets,
)
from sestina.records.observation import OUTPUTS, SeenFile
from sestina.records.testimony import Testimony

NOTED = "; secrets in it withheld"
"""What the rule of a file ends with whose bytes are kept without the secrets in them."""

NOT_KEPT = "; holds a token, not kept"
"""What the rule of a file ends with whose bytes are identified and not kept."""

_LONGEST = 4 << 20
"""Bytes. Nobody writes a token into a longer source file by hand."""
_LONGEST_WHOLE = 1 << 20
"""Bytes. Every output up to this is read once more, so it is a matter of time."""
_NAMED_SO = re.compile(
    rb"(?i)(?:token|secret|passw|credential|auth|api[_-]?key|_(?:rsa|ed25519|ecdsa|dsa))[^/]*\Z"
)
"""Data is not searched, for there may be very many files of it, but for what is called so."""


def without_tokens(files: Iterable[SeenFile], folder: Path, scene: Scene) -> tuple[SeenFile, ...]:
    """Returns the files, those of code and config that hold a token replaced by a copy without it.

    The copy lies in `folder`; the token's place in it is a named blank, and the rule says so. Of
    outputs and data, which are to come back byte for byte or not at all, only the id is kept.
    """
    return tuple(
        _safe(file, folder, scene) if file.keep and file.link is None and file.size else file
        for file in files
    )


def _safe(file: SeenFile, folder: Path, scene: Scene) -> SeenFile:
    if file.kind in ("code", "config") and file.size <= _LONGEST:
        return _without_tokens(file, folder, scene)
    suspect = file.kind in OUTPUTS or (file.kind == "data" and _NAMED_SO.search(file.real))
    if not suspect or file.size > _LONGEST_WHOLE or file.gone or not _holds_token(file.at):
        return file
    if scene.covered(scene.settings.allow, file.real):
        return file
    return replace(file, keep=False, rule=file.rule + NOT_KEPT)


def _holds_token(path: bytes) -> bool:
    try:
        with open(path, "rb") as opened:
            return has_token(opened.read(_LONGEST_WHOLE).decode("utf-8"))
    except (OSError, ValueError):
        return False


def safe_bytes(path: bytes) -> bytes | None:
    """Returns the bytes of a text file with its tokens withheld, None where it holds none."""
    try:
        with open(path, "rb") as opened:
            text = opened.read(_LONGEST + 1).decode("utf-8")
    except (OSError, ValueError):
        return None
    if len(text) > _LONGEST or not has_secret(text):
        return None
    return without_secrets(text).encode()


def tell_no_secrets(told: Testimony) -> Testimony:
    """Returns a testimony whose values pass the detectors of secrets or are withheld."""
    return replace(
        told,
        interpreters=tuple(
            replace(one, argv=tuple(words_without_secrets(one.argv))) for one in told.interpreters
        ),
        effective=tuple(
            replace(one, value=value_of(one.name, one.value)) for one in told.effective
        ),
        estimators=tuple(
            replace(one, params=tuple((name, value_of(name, value)) for name, value in one.params))
            for one in told.estimators
        ),
        runtime=tuple(replace(one, value=value_of(one.name, one.value)) for one in told.runtime),
        params=tuple(replace(one, value=value_of(one.name, one.value)) for one in told.params),
        notes=tuple(without_secrets(note) for note in told.notes),
    )


def _without_tokens(file: SeenFile, folder: Path, scene: Scene) -> SeenFile:
    if scene.covered(scene.settings.allow, file.real):
        return file
    safe = safe_bytes(file.at)
    if safe is None:
        return file
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = os.path.join(os.fsencode(folder), b"withheld-%d" % len(os.listdir(folder)))
    with open(copy, "xb") as written:
        written.write(safe)
    return replace(file, at=copy, size=len(safe), rule=file.rule + NOTED)
