"""Runs a command again and again, killed one step later each time, and looks at what is left.

Usage: crash.py WORKSPACE {seal,purge} {kill,full,error}. Every call that changes what is on disk is
a step; the command is killed before it, or the step fails with ENOSPC or EIO. Prints one JSON line
per step: what `check` says then, and whether the next command works.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sestina.errors import NotFound, SestinaError
from sestina.kernel.ids import blob_id
from sestina.store import contents, erase, journal
from sestina.store.checkup import check
from sestina.store.repo import Repo
from sestina.testing import samples

STEPS = ("fsync", "link", "unlink", "replace", "rename", "mkdir", "open")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
journal.BUNDLE = 4  # so that entries are bundled within the sweep
contents.LARGE = 4096


taken = 0


def fail_at(step: int, how: str) -> None:
    """Patches every step to count, and to kill this process or to fail at number `step`."""

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            global taken
            if name == "open" and not given[1] & WRITES:
                return real(*given, **named)
            taken += 1
            if taken == step and how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if taken == step:
                raise OSError(errno.ENOSPC if how == "full" else errno.EIO, how)
            return real(*given, **named)

        return call

    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))


def seal(workspace: str, number: int) -> None:
    with Repo.open(workspace) as repo:
        files = {"project:small": b"%d" % number, "project:large": b"%4096d" % number}
        samples.seal(repo, samples.add_run(repo, data=files), model="fraud")


def purge(workspace: str, number: int) -> None:
    with Repo.open(workspace) as repo:
        for blob in (b"small secret", b"%4096d" % 0):
            try:
                erase.purge(repo, blob_id(blob), "a token")
            except NotFound:
                pass


def in_a_child(task: Callable[[], None], step: int = 0) -> bool:
    """Returns whether the task came as far as `step`."""
    child = os.fork()
    if child == 0:
        try:
            task()
        except SestinaError as error:
            print(json.dumps({"told": error.code}), flush=True)
        except BaseException as error:
            print(json.dumps({"error": repr(error)}), flush=True)
        os._exit(int(taken < step))
    _, status = os.waitpid(child, 0)
    return status != 1 << 8


def sweep(workspace: str, what: str, how: str) -> None:
    act = {"seal": seal, "purge": purge}[what]
    step, reached = 0, True
    while reached:
        step += 1

        def fail_at_step(step: int = step) -> None:
            fail_at(step, how)
            act(workspace, step)

        if what == "purge":
            in_a_child(lambda: again(workspace))
        reached = in_a_child(fail_at_step, step)
        in_a_child(lambda step=step: look(workspace, what, step))  # type: ignore[misc]


def again(workspace: str) -> None:
    """Puts a secret in that was not purged before, so that each purge has work to do."""
    with Repo.open(workspace) as repo:
        files = {"project:s": b"small secret", "project:l": b"%4096d" % 0, "project:o": b"other"}
        samples.seal(repo, samples.add_run(repo, data=files))


def look(workspace: str, what: str, step: int) -> None:
    with Repo.open(workspace) as repo:
        runs = len(repo.refs.runs())
        left = check(repo)
        if what == "purge":
            purge(workspace, step)
        else:
            samples.seal(repo, samples.add_run(repo, arguments=[str(step)]), model="fraud")
    with Repo.open(workspace) as repo:
        told = {
            "step": step,
            "runs": runs,
            "failures": [f.code for f in left.findings if f.outcome != "pass"],
            "after": [f.code for f in check(repo).findings if f.outcome != "pass"],
            "numbers": [version.number for version in repo.refs.versions("fraud")],
        }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    sweep(*sys.argv[1:4])
