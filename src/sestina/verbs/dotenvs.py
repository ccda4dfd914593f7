"""What stands in `.env` files now, beside what a run found there: key by key, for no such file is
ever kept whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sestina.records.answers import Change, Place
from sestina.records.paths import Roots
from sestina.verbs.standing import change

if TYPE_CHECKING:
    from sestina.store.repo import Repo

Plain = Mapping[str, Any]
Keys = dict[str, tuple[str, str]]
"""The owner of each key and its value as it may be told: a code where it is withheld."""


def dotenvs(
    repo: Repo, held: Mapping[str, Plain], facts: Plain, table: Iterable[Plain], roots: Roots
) -> Iterator[Change]:
    """Yields the keys of `.env` files that are set otherwise now."""
    for path in sorted(line["path"] for line in table if line["kind"] == "dotenv"):
        before = _then(repo, held, facts, path)
        after = _now(repo, path, roots)
        for name in sorted(before.keys() | after.keys()):
            owner = (before.get(name) or after[name])[0]
            was, now = (keys[name][1] if name in keys else None for keys in (before, after))
            if was != now:
                yield change(owner, Place(kind="key", path=path, name=name), was, now)


def _then(repo: Repo, held: Mapping[str, Plain], facts: Plain, path: str) -> Keys:
    codes = {one["name"]: one["value"] for one in facts["variables"]}
    return {
        span["name"]: (owner, _shown(repo.contents.read(span["blob"])))
        if span["blob"] is not None and repo.contents.has(span["blob"])
        else (owner, codes.get(f"{path} {span['name']}") or "")
        for owner in ("params", "seed")
        for span in held[owner]["spans"]
        if span["file"] == path
    }


def _now(repo: Repo, path: str, roots: Roots) -> Keys:
    from sestina.ingredients.claims import split
    from sestina.records.observation import Observation, SeenFile
    from sestina.verbs import withheld, workspace

    real = roots.absolute(path)
    if not os.path.isfile(real):
        return {}
    settings = workspace.settings(repo.workspace)
    file = SeenFile(path=path, real=real, at=real, kind="dotenv", rule="status", size=0)
    seen = Observation(argv=(), script=0, folder="project:", roots=roots, environ={}, files=(file,))
    codes = {one.name: one.value for one in withheld.known(repo, seen, settings)}
    return {
        claim.name: (owner, codes.get(f"{path} {claim.name}") or "")
        if claim.data is None
        else (owner, _shown(claim.data))
        for owner, part in split(seen, settings).items()
        for claim in part.claims
    }


def _shown(data: bytes) -> str:
    """Returns the value that the bytes of a span stand for: `32` and `"32"` are one."""
    from sestina.ingredients.params.read_dotenv import read

    found = read(b"_=" + data)
    return found[0].text if found else data.decode("utf-8", "replace")
