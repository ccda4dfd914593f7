"""Runs that are going or could not be sealed: where they wait, and how they are sealed later.

A live run's folder holds what the next command needs. It lies in the repo, or, where the repo's
disk is full, in the user's cache folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.errors import SestinaError, Unavailable
from sestina.kernel import withhold
from sestina.records.observation import INPUTS, OUTPUTS, Observation, SeenFile
from sestina.store import layout
from sestina.store.live import Live, LiveRuns
from sestina.verbs.seal import Surroundings

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_FILE = "observation"
_KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """An observation that waits, with what was known around it.

    `stamps` tell of each file whether it is still what the run read or wrote.
    """

    seen: Observation
    around: Surroundings
    stamps: tuple[bytes, ...] = ()


def begin(repo: Repo, info: dict[str, object]) -> Live:
    """Returns the live run of a command that is about to start; raises Unavailable."""
    try:
        return repo.live.begin(info)
    except Unavailable as error:
        try:
            return _elsewhere(repo).begin(info)
        except (OSError, SestinaError):
            raise error from None


def stale(repo: Repo) -> Iterator[Live]:
    """Yields the runs whose supervisor died or could not seal, oldest first."""
    yield from repo.live.stale()
    yield from _elsewhere(repo).stale()


def keep(repo: Repo, live: Live, seen: Observation, around: Surroundings) -> bool:
    """Returns whether the observation now waits for the next command; the lock is given up.

    What processes told in their own words is in the observation, and there without secrets.
    """
    shutil.rmtree(live.folder / "hook", ignore_errors=True)
    try:
        _write(live.folder / _FILE, _encode(seen, around))
        live.release()
        return True
    except OSError:
        pass
    try:
        other = _elsewhere(repo).begin(live.info)
        moved = _moved(seen, live.folder, other.folder)
        _write(other.folder / _FILE, _encode(moved, around))
    except (OSError, SestinaError):
        live.release()
        return False
    other.release()
    live.close()
    return True


def read(live: Live) -> Spooled | None:
    """Returns the observation that waits in a live run, None where there is none to be had."""
    import msgspec

    try:
        data = (live.folder / _FILE).read_bytes()
        return msgspec.msgpack.decode(data, type=Spooled)
    except (OSError, msgspec.MsgspecError):
        return None


def unchanged(waiting: Spooled) -> Observation:
    """Returns what was seen, without the bytes of files that changed while it waited."""
    files, gaps = [], []
    for file, stamp in zip(waiting.seen.files, waiting.stamps, strict=True):
        if stamp and _stamp(file) != stamp:
            gaps.append(f"{file.path} changed before the run could be sealed")
            was_written = file.kind in OUTPUTS
            file = replace(file, at=b"", gone=was_written, torn=not was_written)
        files.append(file)
    return replace(waiting.seen, files=tuple(files), gaps=(*waiting.seen.gaps, *gaps))


def _stamp(file: SeenFile) -> bytes:
    """Returns what tells that a file changed, nothing for one whose bytes are not wanted."""
    if file.link is not None or file.gone or file.kind not in (*INPUTS, *OUTPUTS):
        return b""
    try:
        status = os.stat(file.at)
    except OSError:
        return b""
    return b"%d %d %d" % (status.st_size, status.st_mtime_ns, status.st_ino)


def _encode(seen: Observation, around: Surroundings) -> bytes:
    import msgspec

    stamps = tuple(map(_stamp, seen.files))
    waiting = Spooled(seen=_without_secrets(seen), around=around, stamps=stamps)
    return msgspec.msgpack.encode(waiting)


def _write(path: Path, data: bytes) -> None:
    made = path.with_suffix(".new")
    with made.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)


def _without_secrets(seen: Observation) -> Observation:
    safe = {
        _text(name): _text(withhold.value_of(name, value)) for name, value in seen.environ.items()
    }
    return replace(seen, environ=safe)


def _text(raw: str) -> str:
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _moved(seen: Observation, old: Path, new: Path) -> Observation:
    """Returns the observation with the copies that it points to in another live folder."""
    if (old / _KEPT).is_dir():
        shutil.copytree(old / _KEPT, new / _KEPT)
    before, after = os.fsencode(old), os.fsencode(new)
    files = tuple(
        replace(file, at=after + file.at[len(before) :])
        if file.at.startswith(before + b"/")
        else file
        for file in seen.files
    )
    return replace(seen, files=files)


def _elsewhere(repo: Repo) -> LiveRuns:
    cache = layout.cache_folder(repo.id, repo.path)
    return LiveRuns(cache / "live")
