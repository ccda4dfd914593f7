"""An environment as a lock from which it can be built again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.ingredients.env.origin import EDITABLE
from sestina.kernel.ids import RecordId
from sestina.records.ingredient import Distribution, EnvRecord
from sestina.records.paths import ROOTS

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_README = """\
The software that the run used, as sestina recorded it.

requirements.lock   the Python distributions that were imported, at their exact versions
modified/           files of those distributions that were not as released, exact bytes

Build the environment again with the Python named at the top of the lock:

    python -m venv .venv
    .venv/bin/python -m pip install --no-deps -r env/requirements.lock

Lines that start with # name what an index cannot give: editable projects, local files, and
modules that no distribution owns. `sestina show --json` lists shared libraries with their ids.
"""


def restore(record: RecordId, repo: Repo, into: Path) -> None:
    """Writes `env/requirements.lock`, `env/README` and the files that were modified.

    Nothing where no Python was seen: then there is nothing to lock.
    """
    env = repo.records.get(record, EnvRecord)
    if not (env.interpreters or env.distributions):
        return
    folder = into / "env"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README").write_text(_README, "utf-8")
    (folder / "requirements.lock").write_text("".join(f"{line}\n" for line in lock(env)), "utf-8")
    _modified(env, repo, folder)


def lock(env: EnvRecord) -> Iterator[str]:
    """Yields the lines of a requirements file for the distributions of a record."""
    for python in env.interpreters:
        yield f"# {python.implementation} {python.version}: {python.build}"
    for variable in env.variables:
        yield f"# {variable.name}={'' if variable.value is None else variable.value!r}"
    for held in env.distributions:
        yield _requirement(held)


def _requirement(held: Distribution) -> str:
    pinned = f"{held.name}=={held.version}"
    if not held.version:
        return f"# {held.name}: no distribution owns it"
    if held.source is None:
        return pinned + ("  # files were modified" if held.state == "modified" else "")
    if held.source.startswith(EDITABLE):
        where = held.source.removeprefix(EDITABLE)
        if where.startswith("project:"):
            return f"-e ./{where.removeprefix('project:')}"
        return f"# {pinned} editable from {where}"
    if held.source.partition(":")[0] in ROOTS:
        return f"# {pinned} from {held.source}"
    return f"{held.name} @ {held.source}"


def _modified(env: EnvRecord, repo: Repo, folder: Path) -> None:
    from sestina.ingredients.placing import put
    from sestina.store.trees import Leaf

    leaves = [
        Leaf(
            path=f"project:{span.name}",
            mode="file",
            id=span.blob,
            size=repo.contents.size(span.blob),
        )
        for held in env.distributions
        for span in held.changed
        if span.blob is not None and repo.contents.has(span.blob)
    ]
    if leaves:
        put(leaves, repo, folder / "modified")
