"""`check`: is everything that this repo holds still what it was?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sestina.records.verdict import Verdict
from sestina.store import checkup

if TYPE_CHECKING:
    from sestina.store.checks.stored import Progress
    from sestina.store.repo import Repo


def check(repo: Repo, *, reindex: bool = False, progress: Progress | None = None) -> Verdict:
    """Returns what is wrong, worst first, with the runs and versions that it hits.

    Every id is recomputed, every link followed, the journal's chain read. `reindex` drops the
    catalog first and makes it anew from records and journal.
    """
    if reindex:
        repo.catalog.rebuild()
        repo.catalog.follow()
    return checkup.check(repo, progress)
