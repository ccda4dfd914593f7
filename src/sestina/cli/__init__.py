"""The command line: words → verb → print. A verb's module is imported when the verb is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

VERBS = {
    "cat": "reading",
    "check": "keeping",
    "demo": "demo",
    "diff": "comparing",
    "doctor": "keeping",
    "du": "keeping",
    "init": "running",
    "lineage": "reading",
    "log": "reading",
    "note": "naming",
    "purge": "keeping",
    "restore": "restoring",
    "run": "running",
    "show": "reading",
    "status": "asking",
    "tag": "naming",
    "version": "naming",
}
"""In which module of this room each command is, under the command's own name."""


class Verbs(click.Group):
    """The root: it knows the names of all verbs and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the verb of that name, from its module."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"sestina.cli.{VERBS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes every verb with its first sentence, whole."""
        told = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, verb.get_short_help_str(1000)) for name, verb in told if verb is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the verb that the words name; an unknown one is answered with the nearest."""
        if args and args[0] not in VERBS and not ctx.resilient_parsing:
            from sestina.cli.edge import no_such_verb

            raise no_such_verb(args[0], VERBS)
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        import sestina

        click.echo(f"sestina {sestina.__version__}")
        ctx.exit()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version of sestina.",
)
def root() -> None:
    """Version everything that determines an AI model: code, data, features, params, env, seed.

    Put `sestina run --` before the training command, then ask `sestina log`, `sestina show`
    and `sestina diff`.
    """


def main(argv: list[str]) -> int:
    """Returns the exit code of the command line `argv` (without the program's name)."""
    from sestina.cli import edge

    return edge.guarded(lambda: _call(argv), argv)


def _call(argv: list[str]) -> int:
    done: Any = root.main(argv, prog_name="sestina", standalone_mode=False)
    return done if isinstance(done, int) else 0
