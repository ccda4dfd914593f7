"""Every pack, blob and record, recomputed from its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sestina.errors import Corrupt, NotFound, SestinaError, Unsupported
from sestina.kernel.ids import is_id, short
from sestina.records.verdict import Finding
from sestina.store import files, packs
from sestina.store.backend import Backend
from sestina.store.index import SUFFIX, read_directory

_PIECE = 1 << 20
Progress = Callable[[int, int], None]


class Held(NamedTuple):
    """What a drawer holds: ids with a copy that is whole, with their sizes, and what is wrong."""

    sizes: dict[str, int]
    links: dict[str, Any]
    stored: int
    findings: list[Finding]


def blobs(backend: Backend, progress: Progress | None) -> Held:
    """Returns every blob whose bytes have its id, and a finding for every one whose have not."""
    held = Held({}, {}, 0, [])
    total = 0
    for key in backend.keys("blobs/"):
        identifier = key.removeprefix("blobs/").replace("/", "", 1)
        if not is_id(identifier):
            held.findings.append(_foreign(key))
            continue
        size = backend.size(key) or 0
        total += size
        try:
            with backend.open(key) as stream:
                files.verify(stream, identifier)
            held.sizes[identifier] = size
        except (Corrupt, NotFound) as error:
            held.findings.append(_damaged(key, f"blob {short(identifier)}: {error.why}"))
    for _, member, data in _members(backend, "packs/", held, progress):
        if data is not None:
            held.sizes[member.id] = member.size
    return held._replace(stored=total + _stored(backend, "packs/"))


def records(backend: Backend, links_of: Callable[[Any], Any]) -> Held:
    """Returns every record that is valid, with what `links_of` makes of it."""
    from sestina.records import codec

    held = Held({}, {}, 0, [])
    for key, member, data in _members(backend, "records/", held, None):
        if data is None:
            continue
        try:
            held.links[member.id] = links_of(codec.decode_any(data))
            held.sizes[member.id] = member.size
        except Unsupported as error:
            held.sizes[member.id] = member.size
            held.findings.append(
                Finding(
                    outcome="warn", code=error.code, what=error.what, place=key, hint=error.hint
                )
            )
        except SestinaError as error:
            what = f"record {short(member.id)}: {error.why or error.what}"
            held.findings.append(_damaged(key, what))
    return held._replace(stored=_stored(backend, "records/"))


def _members(
    backend: Backend, drawer: str, held: Held, progress: Progress | None
) -> Iterator[tuple[str, packs.Member, bytes | None]]:
    keys = backend.keys(drawer)
    for done, key in enumerate(keys, 1):
        if not key.endswith(SUFFIX):
            held.findings.append(_foreign(key))
            continue
        try:
            whole = _id_of(backend, key) == key.removeprefix(drawer).removesuffix(SUFFIX)
            listed = read_directory(backend, key)
        except (Corrupt, NotFound) as error:
            held.findings.append(_damaged(key, error.what))
            continue
        if not whole:
            held.findings.append(_damaged(key, "the bytes of the pack give another id"))
        for member in listed:
            yield key, member, _whole(backend, key, member, held)
        if progress:
            progress(done, len(keys))


def _whole(backend: Backend, key: str, member: packs.Member, held: Held) -> bytes | None:
    try:
        return packs.decode(member, backend.get(key, member.offset, member.length))
    except (Corrupt, NotFound) as error:
        held.findings.append(_damaged(key, f"member {short(member.id)}: {error.why}"))
        return None


def _id_of(backend: Backend, key: str) -> str:
    total = hashlib.sha256()
    with backend.open(key) as stream:
        while piece := stream.read(_PIECE):
            total.update(piece)
    return total.hexdigest()


def _stored(backend: Backend, drawer: str) -> int:
    return sum(backend.size(key) or 0 for key in backend.keys(drawer))


def _damaged(key: str, what: str) -> Finding:
    return Finding(
        outcome="fail",
        code="corrupt/bytes",
        what=what,
        place=key,
        hint="bring the file back from a copy of the repo",
    )


def _foreign(key: str) -> Finding:
    return Finding(outcome="pass", code="leftover/file", what="not a file of a repo", place=key)
