"""`init` and `run`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sestina.cli.door import Door, verb
from sestina.errors import InvalidInput, SestinaError

if TYPE_CHECKING:
    from sestina.records.answers_runs import RunAnswer

NOT_STARTED = 125
"""As container engines say it, so that it is not taken for the command's own code."""


@click.command()
@click.argument("folder", required=False)
@verb()
def init(door: Door, folder: str | None) -> None:
    """Create a repo in FOLDER (default: the git root, or this folder)."""
    from sestina.render.text.log import init_text
    from sestina.verbs.init import init

    answer = init(folder or door.where)
    door.answer(answer, init_text, id=answer.id)


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--name", metavar="NAME", help="Give the run a name: run/NAME.")
@click.option("--model", metavar="MODEL", help="Make a version of this model if the exit is 0.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="NUMBER",
    help="Set PYTHONHASHSEED and SESTINA_SEED for the command, and nothing else.",
)
@click.option(
    "--capture",
    type=click.Choice(["auto", "seccomp", "strace", "python"]),
    default="auto",
    show_default=True,
    help="Which observer watches; auto takes the best that this machine offers.",
)
@click.option("--strict", is_flag=True, help="Exit with 125 where the run could not be sealed.")
@click.option("--trace-seed", is_flag=True, help="Name the lines that draw without a seed.")
@verb()
def run(
    door: Door,
    command: tuple[str, ...],
    name: str | None,
    model: str | None,
    seed: int | None,
    capture: str,
    strict: bool,
    trace_seed: bool,
) -> int:
    """Run COMMAND and keep a record of all that determined its outcome.

    The command is not changed: its output, its terminal and its exit code are its own. What
    sestina has to say goes to standard error when the command has ended. With --json the answer is
    written to standard error too, for standard output belongs to the command.

    \b
    sestina run -- python train.py
    sestina run --model fraud --name june -- make train
    """
    try:
        answer = _run(door, command, name, model, seed, capture, strict, trace_seed)
    except SestinaError as error:
        if error.exit_code != InvalidInput.exit_code:
            error.exit_code = NOT_STARTED
        raise
    if door.json:
        from sestina.render.json import to_json

        sys.stderr.write(to_json(answer))
    elif door.quiet:
        sys.stderr.write(f"{answer.run}\n" if answer.run else "")
    else:
        from sestina.render.text.log import run_lines

        for line in run_lines(answer):
            door.hint(line)
    return answer.exit


def _run(
    door: Door,
    command: tuple[str, ...],
    name: str | None,
    model: str | None,
    seed: int | None,
    capture: str,
    strict: bool,
    trace_seed: bool,
) -> RunAnswer:
    from sestina.verbs.init import open_or_create
    from sestina.verbs.run import run, wanted

    wanted(command, name, model)
    door.adopt(open_or_create(door.where, tell=door.hint))
    return run(
        door.repo(writing=True),
        command,
        name=name,
        model=model,
        seed=seed,
        capture=capture,
        strict=strict,
        trace_seed=trace_seed,
    )
