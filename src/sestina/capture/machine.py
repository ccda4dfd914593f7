"""What the machine is, and what git says of the project: facts of a run, never identity."""

from __future__ import annotations

import os
from pathlib import Path

from sestina.records.ingredient import Setting

_QUICK = 5.0
_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS",
)  # fmt: skip


def machine(environ: dict[str, str] | None = None) -> tuple[Setting, ...]:
    """Returns facts of this machine, sorted by name; memory is in bytes."""
    variables = dict(os.environ) if environ is None else environ
    here = os.uname()
    facts = {
        "host": here.nodename,
        "system": f"{here.sysname} {here.release}",
        "libc": _libc(),
        "architecture": here.machine,
        "cpu": _cpu(),
        "cpus": str(os.cpu_count() or ""),
        "cpus usable": str(_usable()),
        "memory": _memory(),
        "user": _user(),
        **_gpus(),
        **{f"threads {name}": variables[name] for name in _THREADS if name in variables},
    }
    return tuple(Setting(name=name, value=facts[name]) for name in sorted(facts) if facts[name])


def git(project: Path) -> tuple[Setting, ...]:
    """Returns commit, branch, dirty and untracked of the git repo around `project`; else nothing.

    Takes one call of git, which is told not to write (no refresh of its index) and not to ask. In
    a tree so big that its status takes over 5 s, only the commit is told. Where no folder above is
    a git repo, git is not asked: starting it would cost more than all other facts together.
    """
    above = (project, *project.parents)
    if "GIT_DIR" not in os.environ and not any((folder / ".git").exists() for folder in above):
        return ()
    said = _output(
        ["git", "--no-optional-locks", "-C", str(project), "status", "--porcelain=v2", "--branch",
         "--untracked-files=normal", "--no-renames", "-z", "--", str(project)],
    )  # fmt: skip
    if said is None:
        return _commit_only(project)
    lines = [line for line in said.split("\0") if line]
    heads = dict(
        line[2:].split(" ", 1) for line in lines if line.startswith("# ") and " " in line[2:]
    )
    changed = sum(line[0] in "12u" for line in lines)
    untracked = sum(line[0] == "?" for line in lines)
    commit, branch = heads.get("branch.oid"), heads.get("branch.head")
    facts = {
        "branch": None if branch == "(detached)" else branch,
        "commit": None if commit == "(initial)" else commit,
        "dirty": "yes" if changed else "no",
        "untracked": str(untracked),
    }
    return tuple(Setting(name=name, value=facts[name]) for name in sorted(facts))


def _commit_only(project: Path) -> tuple[Setting, ...]:
    commit = _output(["git", "-C", str(project), "rev-parse", "--verify", "-q", "HEAD"])
    return (Setting(name="commit", value=commit.strip()),) if commit else ()


def _output(words: list[str]) -> str | None:
    import subprocess

    environ = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            words, capture_output=True, check=False, env=environ, stdin=subprocess.DEVNULL,
            timeout=_QUICK,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return done.stdout.decode("utf-8", "backslashreplace")


def _first(path: str, key: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return ""


def _cpu() -> str:
    return _first("/proc/cpuinfo", "model name")


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        return ""


def _usable() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1


def _memory() -> str:
    kilobytes = _first("/proc/meminfo", "MemTotal").split(" ")[0]
    return str(int(kilobytes) * 1024) if kilobytes.isdigit() else ""


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _gpus() -> dict[str, str]:
    """Returns the NVIDIA cards and driver as their kernel module tells them."""
    root = Path("/proc/driver/nvidia")
    names = sorted(
        name
        for folder in (sorted((root / "gpus").iterdir()) if (root / "gpus").is_dir() else [])
        if (name := _first(str(folder / "information"), "Model"))
    )
    facts = {"gpus": ", ".join(names)}
    version = _first(str(root / "version"), "NVRM version")
    if version:
        facts["gpu driver"] = version
    return facts
