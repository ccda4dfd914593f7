"""`diff`."""

from __future__ import annotations

import click

from sestina.cli.door import Door, verb
from sestina.records.ingredient import NAMES


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--only", type=click.Choice(NAMES), multiple=True, help="Only this ingredient.")
@click.option(
    "--unread", is_flag=True, help="Also list files that differ in git but were not read."
)
@click.option("--cosmetic", is_flag=True, help="Also show changes of bytes that change no meaning.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the recipes or outputs differ.")
@verb(at=True)
def diff(
    door: Door,
    a: str,
    b: str,
    only: tuple[str, ...],
    unread: bool,
    cosmetic: bool,
    exit_code: bool,
) -> int:
    """Show what differs between two runs, versions or recipes.

    Metrics and outputs first, then the ingredients that differ, one line a change.

    \b
    sestina diff fraud:6 fraud:7
    sestina diff run/january run/june --only params
    """
    from sestina.render.text.diff import diff_text
    from sestina.verbs.diff import diff

    answer = diff(door.repo(), a, b, only=only, unread=unread)
    door.answer(
        answer,
        lambda found, ink: diff_text(found, ink, cosmetic=cosmetic),
        id="\n".join(sorted({change.ingredient for change in answer.changes})),
    )
    differs = bool(answer.changes or answer.outputs) or not answer.same_recipe
    return int(exit_code and differs)
