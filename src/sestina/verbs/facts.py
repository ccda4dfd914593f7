"""The facts of a run: all that was observed and is not part of the recipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sestina.ingredients.params.effective import effective
from sestina.ingredients.seed.sowings import sowings
from sestina.kernel import when
from sestina.kernel.ids import BlobId
from sestina.records.facts import Effective, Facts, Reference
from sestina.records.ingredient import Setting
from sestina.records.observation import Observation, SeenFile
from sestina.records.testimony import Told

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_WRITTEN = {"output", "intermediate"}
_IDENTIFIED = {"code", "config", "data", "library"} | _WRITTEN


def assemble(
    repo: Repo,
    seen: Observation,
    *,
    name: str | None,
    outputs: Mapping[str, str],
    machine: Iterable[Setting],
    git: Iterable[Setting],
    variables: Iterable[Setting],
    notes: Iterable[str],
) -> Facts:
    """Returns the facts record; the file table becomes a blob. `outputs` are ids by path."""
    ids = _identified(repo, seen, outputs)
    told = seen.testimony
    return Facts(
        name=name,
        command=seen.argv,
        machine=_settings([*machine, *_told(told.runtime)]),
        roots=_roots(seen),
        git=_settings(git),
        cost=_cost(seen),
        variables=_settings(variables),
        effective=effective(told),
        estimators=tuple(
            Effective(by=one.cls, name=param, value=value, given=True)
            for one in told.estimators
            for param, value in one.params
        ),
        sowings=sowings(told, seen.roots),
        switches=_settings(_told(told.switches)),
        files=repo.contents.add(_table(seen.files, ids)),
        listings=_settings(Setting(name=path, value=found) for path, found in seen.listings),
        absent=tuple(sorted(set(seen.absent))),
        referenced=tuple(
            Reference(id=BlobId(ids[file.path, file.kind]), path=file.path, size=file.size)
            for file in seen.files
            if not file.keep and (file.path, file.kind) in ids
        ),
        gaps=seen.gaps,
        peers=seen.peers,
        notes=(*told.notes, *notes),
    )


def _identified(
    repo: Repo, seen: Observation, outputs: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """Returns ids by path and kind; secrets have none, and distributions are known by RECORD.

    A file that was read and then overwritten is there twice: as it was, and as it became.
    """
    wanted: dict[tuple[str, str], bytes] = {
        (file.path, file.kind): file.at
        for file in seen.files
        if file.kind in _IDENTIFIED and file.link is None and not file.gone
        if not (file.kind in _WRITTEN and file.path in outputs)
    }
    found = repo.contents.identify_many(wanted.values())
    ids: dict[tuple[str, str], str] = {}
    for key, at in wanted.items():
        known = found.get(at)
        if known is not None:
            ids[key] = known[0]
    written: dict[tuple[str, str], str] = {
        (file.path, file.kind): outputs[file.path]
        for file in seen.files
        if file.kind in _WRITTEN and file.path in outputs
    }
    return {**ids, **written}


def _table(files: Iterable[SeenFile], ids: Mapping[tuple[str, str], str]) -> bytes:
    """Returns the file table: a line of canonical JSON per file, sorted by path and kind."""
    from sestina.kernel import canon

    lines = {
        (file.path, file.kind): {
            "path": file.path,
            "kind": file.kind,
            "rule": file.rule,
            "id": ids.get((file.path, file.kind)),
            "size": file.size,
        }
        for file in files
    }
    return b"".join(canon.encode(lines[key]) + b"\n" for key in sorted(lines))


def _roots(seen: Observation) -> tuple[Setting, ...]:
    from sestina.kernel import escape

    roots = {"project": seen.roots.project, "prefix": seen.roots.prefix, "home": seen.roots.home}
    return _settings(
        Setting(name=name, value=escape.to_text(path)) for name, path in roots.items() if path
    )


def _cost(seen: Observation) -> tuple[Setting, ...]:
    wall = when.seconds_between(seen.began, seen.ended) if seen.began and seen.ended else 0.0
    return (
        Setting(name="cpu seconds", value=seen.cpu_seconds),
        Setting(name="peak memory bytes", value=str(seen.peak_memory)),
        Setting(name="wall seconds", value=f"{wall:.3f}"),
    )


def _told(said: Iterable[Told]) -> list[Setting]:
    return [Setting(name=one.name, value=one.value) for one in said]


def _settings(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """Returns settings sorted by name; the last of equal names counts."""
    by_name = {one.name: one for one in settings}
    return tuple(by_name[name] for name in sorted(by_name))
