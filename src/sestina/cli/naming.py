"""`version`, `tag` and `note`: names and words for what is kept."""

from __future__ import annotations

import click

from sestina.cli.door import Door, verb


@click.group(invoke_without_command=True)
@verb(at=True)
def version(door: Door) -> None:
    """List the newest version of every model, or add one; `log MODEL` lists them all."""
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    from sestina.render.text.log import versions_text
    from sestina.verbs.log import versions

    answer = versions(door.repo())
    door.answer(answer, versions_text, id="\n".join(line.name for line in answer.lines))


@version.command("add")
@click.argument("model")
@click.argument("run")
@verb()
def add(door: Door, model: str, run: str) -> None:
    """Make the outputs of RUN the next version of MODEL."""
    from sestina.render.text.keeping import version_text
    from sestina.verbs.version import version

    answer = version(door.repo(writing=True), model, run)
    door.answer(answer, version_text, id=answer.record)


@click.command()
@click.argument("name")
@click.argument("record")
@verb()
def tag(door: Door, name: str, record: str) -> None:
    """Set tag/NAME on RECORD, a version, run or recipe; a tag never moves."""
    from sestina.render.text.keeping import named_text
    from sestina.verbs.tag import tag

    answer = tag(door.repo(writing=True), name, record)
    door.answer(answer, named_text, id=answer.record)


@click.command()
@click.argument("name")
@click.argument("text")
@verb()
def note(door: Door, name: str, text: str) -> None:
    """Write TEXT beside NAME; notes are kept in the journal and shown by 'show'."""
    from sestina.render.text.keeping import named_text
    from sestina.verbs.note import note

    answer = note(door.repo(writing=True), name, text)
    door.answer(answer, named_text, id=answer.record)
