"""The way in for Python programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def open(where: str | Path | None = None, *, read_only: bool = False) -> Repo:  # noqa: A001
    """Returns the repo in the folder `where`, or the one that a command given here would use.

    Use it in a `with` statement, or close it. Raises NotFound where there is none.

        with sestina.open() as repo:
            print(sestina.show(repo, "fraud:7").recipe)
    """
    from sestina.store.repo import Repo
    from sestina.verbs.workspace import existing

    return Repo.open(existing(None if where is None else str(where)).repo, read_only=read_only)
