"""Files that differ between two runs and that neither read: git knows them, the recipes do not."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from sestina.kernel import escape
from sestina.records.answers import Change, Place
from sestina.records.facts import Facts

if TYPE_CHECKING:
    from sestina.records.answers_show import FileLine
    from sestina.store.repo import Repo

_KINDS = {"A": "added", "D": "removed"}
_TIMEOUT_SECONDS = 20


def unread(repo: Repo, before: Facts, after: Facts) -> tuple[Change, ...]:
    """Returns the files that differ between the git commits of two runs, those read left out.

    Empty where a run has no git commit, or git no longer has it.
    """
    commits = [_commit(facts) for facts in (before, after)]
    if None in commits or commits[0] == commits[1]:
        return ()
    read = {line.path for facts in (before, after) for line in _files(repo, facts)}
    project = _project(after) or str(repo.workspace)
    words = ["git", "diff", "--name-status", "--no-renames", "-z", *map(str, commits), "--"]
    try:
        done = subprocess.run(
            words, cwd=project, capture_output=True, timeout=_TIMEOUT_SECONDS, check=True
        )
        top = subprocess.run(
            ["git", "rev-parse", "--show-prefix"],
            cwd=project, capture_output=True, timeout=_TIMEOUT_SECONDS, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ()
    fields = done.stdout.split(b"\0")
    prefix = top.stdout.strip()
    changes = []
    for letter, path in zip(fields[::2], fields[1::2], strict=False):
        if not path.startswith(prefix):
            continue
        logical = f"project:{escape.to_text(os.path.relpath(path, prefix or b'.'))}"
        if logical not in read:
            changes.append(_change(logical, letter.decode()))
    return tuple(sorted(changes, key=lambda change: change.place.path or ""))


def _change(logical: str, letter: str) -> Change:
    kind = _KINDS.get(letter, "changed")
    place = Place(kind="file", path=logical, name=None)
    return Change(ingredient="code", place=place, before=None, after=None, kind=kind)  # type: ignore[arg-type]


def _commit(facts: Facts) -> str | None:
    return next((one.value for one in facts.git if one.name == "commit"), None)


def _project(facts: Facts) -> str | None:
    told = next((one.value for one in facts.roots if one.name == "project"), None)
    return told if told and os.path.isdir(told) else None


def _files(repo: Repo, facts: Facts) -> tuple[FileLine, ...]:
    from sestina.verbs.show import file_table

    return file_table(repo, facts)
