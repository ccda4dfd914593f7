"""Cutting spans out of a file and putting them back, byte for byte.

A claimed span leaves a *placeholder* in the residue of the file: a quoted text, so that what
remains still parses as Python, JSON, TOML, YAML or a `.env` line. A seed inside a claimed
setting is cut from the setting's own bytes, so it is filled in after the setting is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sestina.records.observation import Claim

NESTED = {("params", "seed")}
"""(outer, inner): the owners of a span within a span. Any other span within a span stays part
of the outer one: a literal inside a feature function is the feature's."""

_NESTING = ("features", "params", "seed")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.\[\]-]")


@dataclass(frozen=True, slots=True)
class Cut:
    """The bytes `start` to `end` of a file, which `owner` claims under `name`.

    `data` are the bytes to keep, None where they are withheld.
    """

    start: int
    end: int
    name: str
    owner: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class _Piece:
    cut: Cut
    placeholder: bytes
    inner: tuple[_Piece, ...]


def carve(file: str, text: bytes, cuts: Iterable[Cut]) -> tuple[bytes, tuple[Claim, ...]]:
    """Returns the residue of `text` and a claim per cut that stands, in the order of the file."""
    standing = _outermost(cut for cut in cuts if 0 <= cut.start < cut.end <= len(text))
    if not standing:
        return text, ()
    pieces = _pieces(standing, text)
    return _without(text, 0, pieces), tuple(_claims(file, text, pieces))


def fill(text: bytes, placeholder: str, data: bytes) -> bytes:
    """Returns `text` with the span put back where its placeholder stands."""
    return text.replace(placeholder.encode(), data, 1)


def _outermost(cuts: Iterable[Cut]) -> list[tuple[Cut, list[Cut]]]:
    """Returns the cuts that stand, each with those that are nested in it; none overlap."""
    standing: list[tuple[Cut, list[Cut]]] = []
    for cut in _distinct(cuts):
        if not standing or cut.start >= standing[-1][0].end:
            standing.append((cut, []))
            continue
        outer, inner = standing[-1]
        fits = cut.end <= outer.end and outer.data is not None
        if (
            fits
            and (outer.owner, cut.owner) in NESTED
            and (not inner or cut.start >= inner[-1].end)
        ):
            inner.append(cut)
    return standing


def _distinct(cuts: Iterable[Cut]) -> list[Cut]:
    """Returns the cuts, outer before inner; of two claims to the same bytes the inner's stands.

    A span that anybody withholds is withheld.
    """
    by_span: dict[tuple[int, int], Cut] = {}
    for cut in cuts:
        span = (cut.start, cut.end)
        other = by_span.get(span)
        if other is None:
            by_span[span] = cut
            continue
        best = cut if _innermost(cut, other) else other
        withheld = cut.data is None or other.data is None
        by_span[span] = replace(best, data=None) if withheld else best
    return [by_span[span] for span in sorted(by_span, key=lambda span: (span[0], -span[1]))]


def _innermost(cut: Cut, other: Cut) -> bool:
    if "features" in (cut.owner, other.owner):
        return cut.owner == "features" != other.owner
    return _NESTING.index(cut.owner) > _NESTING.index(other.owner)


def _pieces(standing: Sequence[tuple[Cut, list[Cut]]], text: bytes) -> tuple[_Piece, ...]:
    mark = _mark(text)
    names: set[tuple[str, str]] = set()
    spellings: set[str] = set()

    def piece(cut: Cut, inner: Sequence[Cut]) -> _Piece:
        name = _first_free(cut.name, "#", lambda name: (cut.owner, name) not in names)
        names.add((cut.owner, name))
        spelled = f"{mark}:{cut.owner}:{_UNSAFE.sub('_', name)[:80]}"
        spelled = _first_free(spelled, "~", lambda text: text not in spellings)
        spellings.add(spelled)
        held = tuple(piece(part, ()) for part in inner)
        return _Piece(replace(cut, name=name), f'"{spelled}"'.encode(), held)

    return tuple(piece(cut, inner) for cut, inner in standing)


def _first_free(text: str, sign: str, is_free: Callable[[str], bool]) -> str:
    numbered = itertools.chain([text], (f"{text}{sign}{n}" for n in itertools.count(2)))
    return next(name for name in numbered if is_free(name))


def _mark(text: bytes) -> str:
    """Returns a word that `text` never follows with a colon: no placeholder can be mistaken."""
    return _first_free("sestina", "", lambda mark: f"{mark}:".encode() not in text)


def _without(data: bytes, origin: int, pieces: Sequence[_Piece]) -> bytes:
    """Returns `data`, which starts at `origin` in the file, with placeholders for the pieces."""
    parts, at = [], 0
    for piece in pieces:
        parts += [data[at : piece.cut.start - origin], piece.placeholder]
        at = piece.cut.end - origin
    return b"".join([*parts, data[at:]])


def _claims(file: str, text: bytes, pieces: Sequence[_Piece]) -> Iterable[Claim]:
    for piece in pieces:
        cut = piece.cut
        kept = None
        if cut.data is not None:
            kept = _without(text[cut.start : cut.end], cut.start, piece.inner)
        yield Claim(
            file=file,
            name=cut.name,
            owner=cut.owner,
            placeholder=piece.placeholder.decode(),
            data=kept,
        )
        yield from _claims(file, text, piece.inner)
