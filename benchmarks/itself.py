"""What sestina itself costs, in CPU seconds: start-up, sealing, `status`, `import sestina`.

    make bench            (or: python benchmarks/itself.py [--repeat 7])

The project is small: a script that reads a table with pandas and fits a forest of scikit-learn.
`after` is everything that `sestina run` does from the moment the command has ended until it ends
itself, of this process and of children such as git: with a warm stat cache, and with the user's
cache folder emptied before.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from capture import SESTINA, spend, surroundings

SMALL_PROJECT = """
import json
import joblib, pandas
from sklearn.ensemble import RandomForestClassifier
table = pandas.read_csv("data.csv")
x, y = table[["a", "b"]], table["y"]
model = RandomForestClassifier(10, random_state=7).fit(x, y)
joblib.dump(model, "model.joblib")
with open("metrics.json", "w") as file:
    json.dump({"accuracy": model.score(x, y)}, file)
"""
NOTHING = [sys.executable, "-c", "pass"]


def cpu() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


class Marked:
    """An observer that notes the CPU seconds used when its command has ended."""

    def __init__(self, observer: Any, marks: list[float]) -> None:
        self.name = observer.name
        self._observer = observer
        self._marks = marks

    def observe(self, command: Any, keep: Any) -> Any:
        trace = self._observer.observe(command, keep)
        self._marks.append(cpu())
        return trace


def sealed() -> NoReturn:
    """Runs `sestina run` in this process and prints the CPU seconds after the command's end."""
    from sestina.capture import pick
    from sestina.cli import main

    marks: list[float] = []
    choose = pick.pick
    pick.pick = lambda capture="auto": Marked(choose(capture), marks)  # type: ignore[assignment]
    code = main(["run", "--quiet", "--", sys.executable, "train.py"])
    print(cpu() - marks[0])
    sys.stdout.flush()
    os._exit(code)  # as the command itself does


def after(folder: Path, *, cold: bool) -> float:
    if cold:
        shutil.rmtree(folder.parent / "cache")
    done = subprocess.run(
        [sys.executable, __file__, "--sealed"], cwd=folder, env=surroundings(folder), check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def median(repeat: int, once: Callable[[], float]) -> float:
    once()
    return statistics.median(once() for _ in range(repeat))


def above(repeat: int, folder: Path, command: list[str]) -> float:
    """Returns the CPU seconds of a command over those of an interpreter that does nothing."""
    return median(repeat, lambda: spend(command, folder)[0] - spend(NOTHING, folder)[0])


def files_read(folder: Path) -> int:
    """Returns how many files the last run read."""
    run = subprocess.run(
        [SESTINA, "log", "--quiet"], cwd=folder, env=surroundings(folder), check=True,
        capture_output=True, text=True,
    ).stdout.split()[0]  # fmt: skip
    shown = subprocess.run(
        [SESTINA, "show", run, "--files", "--json"], cwd=folder, env=surroundings(folder),
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    kinds = [file["kind"] for file in json.loads(shown)["files"]]
    return sum(kind in ("code", "config", "data", "distribution", "library") for kind in kinds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=7, help="measured rounds (default 7)")
    parser.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.sealed:
        sealed()
    with tempfile.TemporaryDirectory(prefix="sestina-bench-") as place:
        folder = Path(place) / "project"
        folder.mkdir()
        (folder / "train.py").write_text(SMALL_PROJECT)
        rows = "".join(f"{n % 7},{n % 11},{n % 2}\n" for n in range(200))
        (folder / "data.csv").write_text("a,b,y\n" + rows)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        tell(arguments.repeat, folder)


def tell(repeat: int, folder: Path) -> None:
    """Prints the table, line by line as it is measured."""
    importing = [sys.executable, "-c", "import sestina"]
    running = [SESTINA, "run", "--quiet", "--", *NOTHING]
    _row("`import sestina`, over bare Python", above(repeat, folder, importing), header=True)
    _row("`sestina run -- python -c pass`, over it bare", above(repeat, folder, running))
    _row("after the command's end, warm", median(repeat, lambda: after(folder, cold=False)))
    _row("after the command's end, cold", median(repeat, lambda: after(folder, cold=True)))
    after(folder, cold=False)
    count = files_read(folder)
    asking = [SESTINA, "status"]
    _row(f"`sestina status`, {count} files read, over bare Python", above(repeat, folder, asking))
    _row("… its aim: 0.06 s + 7 µs a file", 0.06 + 7e-6 * count)


def _row(what: str, seconds: float, *, header: bool = False) -> None:
    if header:
        print("| what | CPU s |\n|---|--:|")
    print(f"| {what} | {seconds:.3f} |", flush=True)


if __name__ == "__main__":
    main()
