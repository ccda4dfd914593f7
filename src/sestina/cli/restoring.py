"""`restore`."""

from __future__ import annotations

import click

from sestina.cli.door import Door, verb

PARTS = ("code", "data", "features", "params", "env", "seed", "model", "outputs")


@click.command()
@click.argument("name")
@click.option("--into", required=True, metavar="FOLDER", help="An empty or new folder.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Only this part.")
@verb(at=True)
def restore(door: Door, name: str, into: str, only: tuple[str, ...]) -> None:
    """Write the exact bytes of a run or version into a folder.

    What lay in the project comes back under its own path, what lay elsewhere under .outside, in a
    folder named after its root: home, prefix or abs. Withheld values stay blank and are listed.
    """
    from sestina.render.text.keeping import restore_text
    from sestina.verbs.restore import restore

    answer = restore(door.repo(), name, into=into, only=only)
    door.answer(answer, restore_text, id=answer.into)
