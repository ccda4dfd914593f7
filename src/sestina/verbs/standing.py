"""What stands around the project now, beside what a run found: packages and variables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sestina.records.answers import Change, Place
from sestina.records.paths import Roots

if TYPE_CHECKING:
    from sestina.store.repo import Repo

Plain = Mapping[str, Any]


def distributions(env: Plain, table: Iterable[Plain], roots: Roots) -> Iterator[Change]:
    """Yields the imported distributions whose installed version is another one now.

    The name of a `.dist-info` folder tells name and version, so nothing is opened.
    """
    if not env["distributions"]:
        return
    installed: dict[str, str] = {}
    for site in _sites(table):
        try:
            names = os.listdir(roots.absolute(site))
        except OSError:
            continue
        for raw in names:
            stem, extension = os.path.splitext(os.fsdecode(raw))
            if extension == ".dist-info":
                name, _, version = stem.partition("-")
                installed.setdefault(_bare(name), version)
    for one in env["distributions"]:
        if not one["version"]:
            continue  # modules that no distribution owns: known by their bytes
        now = installed.get(_bare(one["name"]))
        if now != one["version"] and (now is not None or one["source"] is None):
            place = Place(kind="package", path=None, name=one["name"])
            yield change("env", place, one["version"], now)


def _sites(table: Iterable[Plain]) -> list[str]:
    sites: dict[str, None] = {}
    for line in table:
        if line["kind"] == "distribution":
            for folder in ("/site-packages/", "/dist-packages/"):
                head, found, _ = line["path"].partition(folder)
                if found:
                    sites[head + folder[:-1]] = None
    return list(sites)


def _bare(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def variables(
    repo: Repo, held: Mapping[str, Plain], facts: Plain, roots: Roots
) -> Iterator[Change]:
    """Yields the variables of params, env and seed that are set otherwise now."""
    codes = {one["name"]: one["value"] for one in facts["variables"]}
    known: set[str] = set()
    for ingredient, record in held.items():
        for one in record["variables"]:
            name, before = one["name"], one["value"]
            known.add(name)
            now = os.environ.get(name)
            if name in codes:
                from sestina.verbs.withheld import code_of

                before, now = codes[name], None if now is None else code_of(repo, now)
            elif before is None and ingredient != "seed":
                continue  # withheld without a code: nothing can be said
            elif now is not None and now != before:
                from sestina.ingredients.params.ownership import said

                now = said(name, now, roots)
            if before != now:
                yield change(ingredient, Place(kind="variable", path=None, name=name), before, now)
    asked = {name for name, code in codes.items() if code is None}
    yield from _new_variables(known, asked, roots)


def _new_variables(known: set[str], asked: set[str], roots: Roots) -> Iterator[Change]:
    """Yields the variables that a run would record, for they are set now: always, or if `asked`."""
    from sestina.ingredients.params.ownership import owner, said

    for name in sorted(os.environ.keys() - known):
        by = owner(name, is_read=name in asked)
        if by != "fact":
            place = Place(kind="variable", path=None, name=name)
            yield change(by, place, None, _told(name, said(name, os.environ[name], roots)))


def _told(name: str, value: str) -> str:
    from sestina.ingredients.params.cut import is_withheld
    from sestina.kernel.withhold import WITHHELD

    return WITHHELD if is_withheld(name, value) else value


def change(ingredient: str, place: Place, before: str | None, after: str | None) -> Change:
    """Returns the change from one text to another; None is what is not there."""
    kind = "removed" if after is None else "added" if before is None else "changed"
    return Change(ingredient=ingredient, place=place, before=before, after=after, kind=kind)  # type: ignore[arg-type]
