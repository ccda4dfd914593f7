"""The command finds the environment that sestina was started with."""

from __future__ import annotations

import sys

SESTINAS = ("SESTINA_", "PYTHONPATH=")


def test_a_command_finds_the_variables_it_would_have_found_without_sestina(project) -> None:
    environ = {name: project.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME")}
    project.environ = environ
    bare = project.command("env").stdout.splitlines()
    done = project.command(sys.executable, "-m", "sestina", "run", "--", "env")
    watched = done.stdout.splitlines()
    assert {line for line in watched if not line.startswith(SESTINAS)} == set(bare)
