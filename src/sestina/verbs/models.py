"""Which outputs of a run are the model: what the settings name, else those of a known format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sestina.errors import Refused
from sestina.records.paths import split
from sestina.records.settings import ModelSettings, covering
from sestina.records.version import Version
from sestina.store import trees
from sestina.store.trees import Leaf
from sestina.verbs.model_formats import HEAD, UNKNOWN, from_head, may_be_model

if TYPE_CHECKING:
    from sestina.kernel.ids import RecordId
    from sestina.store.repo import Repo

Head = Callable[[Leaf], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files that are the model, and their formats joined by `+`."""

    leaves: tuple[Leaf, ...]
    format: str


def find(
    outputs: Iterable[Leaf], settings: ModelSettings, head: Head, *, look: str | None = None
) -> Found:
    """Returns the model among a run's outputs; raises Refused where there is none.

    `head` gives the first bytes of an output, `look` is a command that shows the outputs.
    """
    leaves = [leaf for leaf in outputs if leaf.mode != "link"]
    if settings.path is not None:
        wanted = (settings.path.removeprefix("./"),)
        named = [leaf for leaf in leaves if _is_covered(leaf, wanted)]
        told = {leaf.path: _format(leaf, head) or UNKNOWN for leaf in named}
    else:
        told = {leaf.path: found for leaf in leaves if (found := _format(leaf, head))}
        named = [leaf for leaf in leaves if leaf.path in told]
    if not named:
        raise _none(settings, len(leaves), look)
    return Found(leaves=tuple(named), format="+".join(sorted(set(told.values()))))


def version_of(repo: Repo, model: str, found: Found, run: RecordId) -> RecordId:
    """Returns the record of a version of `model`, made by `run`; its number comes at commit."""
    files = trees.build(repo, found.leaves)
    return repo.records.add(Version(model=model, files=files, format=found.format, run=run))


def head_in_repo(repo: Repo) -> Head:
    """Returns how the first bytes of a stored output are read."""

    def head(leaf: Leaf) -> bytes:
        if not repo.contents.has(leaf.id):
            return b""
        with repo.contents.open(leaf.id) as stream:
            return stream.read(HEAD)

    return head


def _format(leaf: Leaf, head: Head) -> str | None:
    extension = os.path.splitext(split(leaf.path)[1])[1].lower()
    return from_head(extension, head(leaf)) if may_be_model(extension) else None


def _is_covered(leaf: Leaf, patterns: tuple[str, ...]) -> bool:
    root, _, below = leaf.path.partition(":")
    return covering(patterns, below if root == "project" else f"/{below}") is not None


def _none(settings: ModelSettings, count: int, look: str | None) -> Refused:
    wrote = f"the run wrote {count} files" if count != 1 else "the run wrote 1 file"
    if settings.path is not None:
        why = f"{wrote}, none at '{settings.path}', which [models.{settings.name}] path names"
    else:
        why = f"{wrote}, none in a model format that is known"
    return Refused(
        "refused/version", f"no version of '{settings.name}' was made", why=why, hint=look
    )
