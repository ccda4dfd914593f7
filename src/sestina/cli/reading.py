"""`log`, `show`, `cat` and `lineage`: reading what is kept."""

from __future__ import annotations

import shutil
import sys

import click

from sestina.cli.door import Door, verb


@click.command()
@click.argument("name", required=False)
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many; 0 for all."
)
@verb(at=True)
def log(door: Door, name: str | None, limit: int) -> None:
    """List runs, or the versions of the model NAME, newest first.

    The letters say which of the six ingredients differ from the line before in time:
    C code, D data, F features, P params, E env, S seed.
    """
    from sestina.render.text.log import log_text
    from sestina.verbs.log import log

    answer = log(door.repo(), name, limit=limit)
    door.answer(answer, log_text, id="\n".join(line.run for line in answer.lines))


@click.command()
@click.argument("name")
@click.option("--files", is_flag=True, help="List each file, its kind, the rule that decided.")
@verb(at=True)
def show(door: Door, name: str, files: bool) -> None:
    """Show a version, run, recipe, tag or record: who made it, when, from what.

    \b
    sestina show fraud:7
    sestina show run/4f2a91c0 --files
    """
    from sestina.render.text.show import show_text
    from sestina.verbs.show import show

    answer = show(door.repo(), name, files=files)
    door.answer(answer, show_text, id=answer.id)


@click.command()
@click.argument("name")
@verb(at=True)
def cat(door: Door, name: str) -> None:
    """Write the bytes of a file to standard output.

    NAME is NAME:PATH, as in fraud:7:train.py or run/june:project:config.yaml, or a blob's id.
    """
    from sestina.verbs.cat import cat, opened

    if door.json or door.quiet:
        answer = cat(door.repo(), name)
        door.answer(answer, lambda *_: "", id=answer.id)
        return
    with opened(door.repo(), name)[1] as source:
        shutil.copyfileobj(source, sys.stdout.buffer)
    sys.stdout.buffer.flush()


@click.command()
@click.argument("name")
@click.option("--up", is_flag=True, help="Only what it was made from.")
@click.option("--down", is_flag=True, help="Only what it went into.")
@click.option("--depth", type=click.IntRange(1), metavar="NUMBER", help="How many runs far.")
@click.option("--svg", metavar="FILE", help="Also draw it into FILE.")
@verb(at=True)
def lineage(
    door: Door, name: str, up: bool, down: bool, depth: int | None, svg: str | None
) -> None:
    """Show what NAME was made from and what it went into.

    Runs are linked where one read what another wrote: same path, same bytes.
    """
    from sestina.render.text.lineage import lineage_text
    from sestina.verbs.lineage import lineage

    answer = lineage(door.repo(), name, up=up, down=down, depth=depth)
    if svg is not None:
        from sestina.render.svg import lineage_svg

        with open(svg, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(lineage_svg(answer))
        door.hint(f"drawn into {svg}")
    door.answer(answer, lineage_text, id=answer.centre)
