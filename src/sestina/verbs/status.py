"""`status`: what the next run would differ in from an earlier one, without running anything."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sestina.errors import NotFound
from sestina.kernel.ids import sha256
from sestina.records.answers import Change, Place
from sestina.records.answers_status import StatusAnswer
from sestina.records.paths import Roots
from sestina.verbs.dotenvs import dotenvs
from sestina.verbs.standing import change, distributions, variables

if TYPE_CHECKING:
    from sestina.kernel.ids import BlobId
    from sestina.store.repo import Repo

_READ = ("code", "config", "data", "library")
_EMPTY = sha256(b"")
"""The listing of a folder that holds only what the run wrote: the run made it, or could have."""

Plain = Mapping[str, Any]
"""A record as plain JSON. This verb is asked at every prompt, and to build the classes of all the
records that it looks into would take longer than the looking; the bytes were checked by their id.
"""


def status(repo: Repo, name: str | None = None) -> StatusAnswer:
    """Returns what is different now from what the last run, or the run behind `name`, used.

    Looks at every file that the run read (by its status, and only where that changed by its
    bytes), at files that it looked for in vain, at folders that it listed, at the versions of the
    distributions that it imported, and at the variables that its recipe holds. The next command
    is taken to be the same. Raises NotFound where there is no run yet.
    """
    run_id, label = _against(repo, name)
    run = _plain(repo, run_id)
    facts = _plain(repo, run["facts"])
    recipe = _plain(repo, run["recipe"])
    roots = _roots(repo, facts)
    held = {name: _plain(repo, recipe[name]["record"]) for name in ("params", "env", "seed")}
    table = _table(repo, facts)
    changed, looked = _changed_files(repo, table, roots)
    appeared = [path for path in facts["absent"] if os.path.lexists(roots.absolute(path))]
    listed = list(_listings(facts["listings"], table, roots))
    by_python = _folders_of_code(table, facts["command"]) if listed else set()
    changes = [
        *_in_files(repo, run["recipe"], changed, appeared, roots),
        *(_listing_change(one) for one in listed if one["name"] not in by_python),
        *distributions(held["env"], table, roots),
        *variables(repo, held, facts, roots),
        *dotenvs(repo, held, facts, table, roots),
    ]
    return StatusAnswer(
        against=label,
        run=run_id,
        began=run["began"],
        command=tuple(facts["command"]),
        files=looked,
        changes=tuple(changes),
        unchecked=(
            *(_import_listing(one) for one in listed if one["name"] in by_python),
            *_unchecked(run, facts, table),
        ),
    )


def _plain(repo: Repo, identifier: str) -> Plain:
    found: Plain = json.loads(repo.records.read(identifier))
    return found


def _against(repo: Repo, name: str | None) -> tuple[str, str]:
    if name is not None:
        from sestina.verbs.version import run_of

        return run_of(repo, name), repo.refs.resolve(name).name
    rows = repo.refs.runs(limit=1)
    if not rows:
        raise NotFound(
            "not-found/run",
            "there is no run to compare with",
            why="this repo has none yet",
            hint="sestina run -- python train.py",
        )
    return rows[0].id, repo.refs.label(rows[0].id)


def _roots(repo: Repo, facts: Plain) -> Roots:
    """Returns where the roots lie now: the project where it is, the prefix where it was."""
    from sestina.kernel import escape

    held = {one["name"]: escape.to_bytes(one["value"] or "") for one in facts["roots"]}
    home = os.fsencode(os.environ.get("HOME") or "") or held.get("home", b"")
    return Roots(
        project=_project(os.fsencode(repo.workspace), held.get("project", b"")),
        prefix=held.get("prefix", b""),
        home=os.path.realpath(home),
    )


def _project(beside: bytes, then: bytes) -> bytes:
    """Returns the project: here where the repo lies in it (it may have moved), else as it was."""
    from sestina.records.paths import is_within

    return beside if is_within(os.getcwdb(), beside) or not os.path.isdir(then) else then


def _table(repo: Repo, facts: Plain) -> list[Plain]:
    lines = repo.contents.read(facts["files"]).splitlines()
    found: list[Plain] = json.loads(b"[" + b",".join(lines) + b"]")
    return found


def _changed_files(
    repo: Repo, table: Iterable[Plain], roots: Roots
) -> tuple[list[tuple[Plain, str | None]], int]:
    """Returns the lines of files that are not what they were, with the id they have now."""
    read = [line for line in table if line["kind"] in _READ and line["id"] is not None]
    places = [roots.absolute(line["path"]) for line in read]
    now = repo.contents.identify_many(places)
    changed: list[tuple[Plain, str | None]] = []
    for line, place in zip(read, places, strict=True):
        found = now[place]
        identity = found[0] if found is not None else None
        if identity != line["id"] and identity is not None and "withheld" in line["rule"]:
            identity = _without_secrets(place, identity)
        if identity != line["id"]:
            changed.append((line, identity))
    return changed, len(read)


def _without_secrets(place: bytes, identity: BlobId) -> BlobId:
    """Returns the id of a file as it would be kept: with the tokens in it withheld."""
    from sestina.capture.withheld import safe_bytes
    from sestina.kernel.ids import blob_id

    safe = safe_bytes(place)
    return identity if safe is None else blob_id(safe)


def _in_files(
    repo: Repo,
    recipe_id: str,
    changed: list[tuple[Plain, str | None]],
    appeared: list[str],
    roots: Roots,
) -> Iterator[Change]:
    for line, now in changed:
        if line["kind"] == "library":
            place = Place(kind="library", path=line["path"], name=None)
            yield change("env", place, line["id"], now)
    own = [(line["path"], line["kind"], now) for line, now in changed if line["kind"] != "library"]
    if own or appeared:
        from sestina.verbs.foresee import foresee

        yield from foresee(repo, recipe_id, own, appeared, roots)


def _listings(listings: list[Plain], table: Iterable[Plain], roots: Roots) -> Iterator[Plain]:
    """Yields the folders that hold other names now, each as it was and with what it is `now`.

    What the run itself wrote does not count.
    """
    if not listings:
        return
    from sestina.capture.listings import WRITTEN, listing
    from sestina.records.paths import is_within

    folders = tuple(one["name"].rstrip(":/") for one in listings)
    wrote = {
        roots.absolute(line["path"])
        for line in table
        if line["kind"] in WRITTEN and line["path"].startswith(folders)
    }
    for one in listings:
        folder = roots.absolute(one["name"])
        now = listing(folder, wrote)
        made = now is None and one["value"] == _EMPTY and any(is_within(p, folder) for p in wrote)
        if now != one["value"] and not made:
            yield {**one, "now": now}


def _folders_of_code(table: Iterable[Plain], command: Iterable[str]) -> set[str]:
    """Returns the folders that source was imported from: Python itself lists those.

    They are the folders of sources, those that hold a package, and the first with `python -m`.
    """
    code = {line["path"] for line in table if line["kind"] == "code"}
    found = {"project:"} if "-m" in command else set()
    for path in code:
        root, _, rest = path.partition(":")
        while rest:
            rest = os.path.dirname(rest)
            found.add(f"{root}:{rest}")
            if f"{root}:{rest}/__init__.py" not in code:
                break
    return found


def _listing_change(one: Plain) -> Change:
    place = Place(kind="folder", path=one["name"], name=None)
    return change("data", place, one["value"], one["now"])


def _import_listing(one: Plain) -> str:
    folder = one["name"].removeprefix("project:") or "."
    return f"whether it matters that '{folder}' holds other names now: Python lists it to import"


def _unchecked(run: Plain, facts: Plain, table: Iterable[Plain]) -> Iterator[str]:
    blind = sorted(line["path"] for line in table if line["kind"] == "secret")
    if blind:
        yield f"{', '.join(blind[:3])}: the bytes are not kept, so nothing can be compared"
    if facts["peers"]:
        yield f"what {len(facts['peers'])} network peers would answer"
    if not run["grade"].startswith("complete"):
        yield f"what the run's capture did not see: {run['grade']}"
