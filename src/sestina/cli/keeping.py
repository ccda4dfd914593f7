"""`check`, `purge`, `du` and `doctor`: looking after a repo."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from sestina.cli.door import Door, verb

if TYPE_CHECKING:
    from sestina.store.checks.stored import Progress

_LONG_SECONDS = 1.0


@click.command()
@click.option("--reindex", is_flag=True, help="Also rebuild the catalog from records and journal.")
@verb()
def check(door: Door, reindex: bool) -> int:
    """Recompute every id and follow every link; name the runs and versions that damage hits.

    Exits with 0 where all is well and with 1 where anything is damaged.
    """
    from sestina.render.text.verdict import verdict_text
    from sestina.verbs.check import check

    answer = check(door.repo(), reindex=reindex, progress=_progress(door))
    door.answer(answer, verdict_text, id=answer.outcome)
    return int(answer.outcome == "fail")


@click.command()
@click.argument("name")
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why it must go; the journal keeps it."
)
@verb()
def purge(door: Door, name: str, reason: str) -> None:
    """Remove the bytes of a file for good: NAME is RUN:PATH or a blob's id.

    What is left is its id, so that 'check' and 'show' can say that it was removed, and why.
    """
    from sestina.render.text.keeping import purge_text
    from sestina.verbs.purge import purge

    answer = purge(door.repo(writing=True), name, reason=reason)
    door.answer(answer, purge_text, id="\n".join(answer.blobs))


@click.command()
@verb()
def du(door: Door) -> None:
    """Show where the repo's bytes are."""
    from sestina.render.text.keeping import du_text
    from sestina.verbs.du import du

    answer = du(door.repo())
    door.answer(answer, du_text, id=str(answer.size))


@click.command()
@verb()
def doctor(door: Door) -> int:
    """Say what this machine offers: which observer a run gets and why, versions, repo.

    Exits with 1 where something needs a person.
    """
    from sestina.render.text.keeping import doctor_text
    from sestina.verbs.doctor import doctor

    answer = doctor(door.repo_if_any())
    door.answer(answer, doctor_text, id="ok" if answer.ok else "not ok")
    return int(not answer.ok)


def _progress(door: Door) -> Progress | None:
    """Returns what draws a line of progress where a person watches, once it takes long."""
    if door.quiet or not sys.stderr.isatty():
        return None
    began = time.monotonic()

    def told(done: int, packs: int) -> None:
        if time.monotonic() - began > _LONG_SECONDS:
            end = "\r\033[K" if done >= packs else ""
            sys.stderr.write(f"\rchecking pack {done} of {packs}{end}")
            sys.stderr.flush()

    return told
