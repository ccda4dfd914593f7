"""`status`, in a module of its own: it is asked often and imports only what it uses."""

from __future__ import annotations

import click

from sestina.cli.door import Door, verb


@click.command()
@click.argument("name", required=False)
@click.option("--cosmetic", is_flag=True, help="Also show changes of bytes that change no meaning.")
@verb()
def status(door: Door, name: str | None, cosmetic: bool) -> None:
    """Show what the next run would differ in from the last run, or NAME; runs nothing."""
    from sestina.render.text.status import status_text
    from sestina.verbs.status import status

    answer = status(door.repo(), name)
    door.answer(
        answer,
        lambda found, ink: status_text(found, ink, cosmetic=cosmetic),
        id="\n".join(sorted({change.ingredient for change in answer.changes})),
    )
