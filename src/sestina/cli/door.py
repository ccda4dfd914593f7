"""What every command shares: the repo it asks, and how its answer is printed."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sestina.render.text.ink import Ink
    from sestina.store.repo import Repo

Command = TypeVar("Command", bound=Callable[..., Any])


class Door:
    """One call of a command: opens the repo when it is first needed and prints one answer."""

    def __init__(self, *, where: str | None, json: bool, quiet: bool, at: str | None = None):
        self.where = where
        self.json = json
        self.quiet = quiet
        self.at = at
        self._repo: Repo | None = None

    def repo(self, *, writing: bool = False) -> Repo:
        """Returns the repo that `--repo`, SESTINA_REPO or the folder names, as of `--at`."""
        if self._repo is None:
            from sestina.store.repo import Repo
            from sestina.verbs.workspace import existing

            found = existing(self.where)
            self.adopt(Repo.open(found.repo, read_only=not writing), writing=writing)
        assert self._repo is not None
        return self._repo if self.at is None else self._repo.at(self.at)

    def repo_if_any(self) -> Repo | None:
        """Returns the repo, None where there is none and none was asked for."""
        from sestina.errors import NotFound

        try:
            return self.repo()
        except NotFound:
            if self.where is not None:
                raise
            return None

    def adopt(self, repo: Repo, *, writing: bool = True) -> None:
        """Takes a repo that is open; a writer first seals what earlier commands left behind."""
        self._repo = repo
        if writing:
            from sestina.verbs.stale import seal_stale

            for line in seal_stale(repo):
                self.hint(line)

    def answer(self, answer: Any, text: Callable[[Any, Ink], str], *, id: str | None) -> None:  # noqa: A002
        """Prints an answer: as JSON, as its id alone where quiet was asked, or as text."""
        if self.json:
            from sestina.render.json import to_json

            sys.stdout.write(to_json(answer))
        elif self.quiet:
            sys.stdout.write(f"{id}\n" if id else "")
        else:
            from sestina.render.text.ink import ink_for

            sys.stdout.write(text(answer, ink_for(sys.stdout)))

    def hint(self, text: str) -> None:
        """Prints a line for people beside the answer, on standard error."""
        if not self.quiet:
            from sestina.render.text.ink import clean, ink_for

            sys.stderr.write(ink_for(sys.stderr).muted(clean(text)) + "\n")

    def close(self) -> None:
        """Closes the repo, if one was opened."""
        if self._repo is not None:
            for hint in self._repo.hints:
                self.hint(f"note: {hint}")
            self._repo.close()


def verb(*, at: bool = False) -> Callable[[Command], Command]:
    """Returns a decorator that gives a command the options all verbs have, and its Door.

    `at` is for verbs that read history and so can read it as it was.
    """

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def opened(
            *, repo: str | None, as_json: bool, quiet: bool, at: str | None = None, **given: Any
        ) -> Any:
            door = Door(where=repo, json=as_json, quiet=quiet, at=at)
            try:
                return function(door, **given)
            finally:
                door.close()

        command = opened
        for option in reversed(_OPTIONS + (_AT if at else ())):
            command = option(command)
        return command  # type: ignore[return-value]

    return decorate


_OPTIONS = (
    click.option("--repo", metavar="FOLDER", help="The folder that holds the repo."),
    click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
    click.option("--quiet", is_flag=True, help="Print only an id, and no hints."),
)
_AT = (click.option("--at", metavar="TIME", help="Read the repo as it was at this time."),)
