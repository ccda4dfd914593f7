"""Writes docs/reference/cli.md from the commands themselves; `make docs` calls it."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

PAGE = Path(__file__).parent / "reference" / "cli.md"
OPENING = """\
# Command line

<!-- Written by docs/generate_cli.py from the commands; `make docs` writes it anew. -->

The answer goes to standard output, progress and hints to standard error. Every verb takes `--json`.
Colour appears only on a terminal and honours `NO_COLOR`. Names are explained in the
[glossary](glossary.md), errors in [errors](errors.md).

| exit code | meaning |
|---|---|
| 0 | yes, done |
| 1 | the answer is no: damaged, not ready; for `diff` only with `--exit-code` |
| 2 | the command line or an input cannot be used as it is |
| 3 | not found |
| 4 | conflict: somebody else was first |
| 5 | stored bytes are not what their id says |
| 6 | a guard refused |
| 7 | disk, network or permission stands in the way |
| 8 | this format or platform is not supported |
| 70 | sestina is wrong: report it |
| 125 | `run` could not start the command |
| 130 | interrupted |

`sestina run` otherwise returns the exit code of the command it ran.
"""


def page() -> str:
    """Returns the whole page."""
    from sestina.cli import root

    parts = [OPENING]
    for path, command in walk(root, ("sestina",)):
        parts.append(section(path, command))
    return "\n".join(parts)


def walk(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yields every command below `command` with the words that call it, in the order of names."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in sorted(command.list_commands(context)):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                yield from walk(found, (*path, name))


def section(path: tuple[str, ...], command: click.Command) -> str:
    """Returns what the page says of one command."""
    context = click.Context(command, info_name=" ".join(path))
    usage = " ".join([*path, *command.collect_usage_pieces(context)])
    lines = [f"## {' '.join(path)}", "", "```text", usage, "```", "", prose(command.help or ""), ""]
    if isinstance(command, click.Group):
        names = sorted(command.list_commands(context))
        links = [f"[`{name}`](#{'-'.join([*path, name])})" for name in names]
        lines += ["Commands: " + " · ".join(links), ""]
    rows = [row for row in map(option, command.params) if row]
    if rows:
        lines += ["| option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def prose(help_text: str) -> str:
    """Returns click's help text as Markdown: a block marked by \\b is set as it stands."""
    blocks = []
    for block in inspect.cleandoc(help_text).split("\n\n"):
        if block.startswith("\b\n"):
            blocks.append("```text\n" + block[2:] + "\n```")
        else:
            blocks.append(" ".join(block.split()))
    return "\n\n".join(blocks)


def option(parameter: click.Parameter) -> str | None:
    """Returns the table row of an option, None for an argument, which the usage line shows."""
    if not isinstance(parameter, click.Option) or parameter.hidden:
        return None
    spelled = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if not parameter.is_flag and not parameter.count:
        spelled += f" {parameter.make_metavar(click.Context(click.Command('x')))}"
    meaning = " ".join((parameter.help or "").split()).replace("|", "\\|")
    return f"| `{re.sub('[|]', '/', spelled)}` | {meaning} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name}", file=sys.stderr)
