"""What watching costs: CPU and wall seconds of a command under capture, as ratios to it bare.

    make bench            (or: python benchmarks/capture.py [--repeat 7] [--others 3] [--only pool])

Every tool runs the same command in the same round, interleaved, and the median over the rounds is
reported. CPU is user + system of the whole process tree. `sestina run` is all of it: start-up,
probe, watching, and sealing into the repo with a warm stat cache; `watching alone` is the observer
and the hook without repo and seal. See `itself.py` for what is not a ratio.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

IMPORTS = "import sklearn.ensemble, pandas, pyarrow.parquet\n"
TRAINING = """
import numpy
from sklearn.ensemble import RandomForestClassifier
generator = numpy.random.default_rng(7)
table = generator.normal(size=(12000, 30))
RandomForestClassifier(140, random_state=7).fit(table, table[:, :3].sum(1) > 0)
"""
SMALL_FILES = """
import os
total = 0
for name in sorted(os.listdir("small")):
    with open("small/" + name, "rb") as file:
        total += len(file.read())
print(total)
"""
POOL = """
import hashlib, multiprocessing, os
def work(name):
    with open("small/" + name, "rb") as file:
        data = file.read()
    for _ in range(40):
        data = hashlib.sha256(data).digest() * 64
    return len(data)
if __name__ == "__main__":
    with multiprocessing.Pool(4) as pool:
        print(sum(pool.map(work, sorted(os.listdir("small")), chunksize=50)))
"""
WORKLOADS = {"imports": IMPORTS, "training": TRAINING, "small-files": SMALL_FILES, "pool": POOL}
SMALL_FILE_COUNT = 20_000
LONGEST = 120.0
"""Seconds after which another tool is given up for a workload."""
SLOW_ROUNDS = 2
"""Measured rounds of roar, whose work after the command takes long."""
SESTINA = str(Path(sys.executable).with_name("sestina"))
WATCH = str(Path(__file__).with_name("watch.py"))

Command = list[str]
Tool = Callable[[Path], Command]


def bare(script: Path) -> Command:
    return [sys.executable, script.name]


def sestina(script: Path) -> Command:
    return [SESTINA, "run", "--quiet", "--", *bare(script)]


def watching(script: Path) -> Command:
    return [sys.executable, WATCH, *bare(script)]


def strace(script: Path) -> Command:
    return ["strace", "-f", "-qq", "-e", "trace=file", "-o", os.devnull, *bare(script)]


def strace_bpf(script: Path) -> Command:
    return ["strace", "-f", "--seccomp-bpf", *strace(script)[2:]]


def roar(script: Path) -> Command:
    return ["roar", "run", *bare(script)]


OURS: dict[str, Tool] = {"bare": bare, "sestina run": sestina, "watching alone": watching}


def others() -> dict[str, Tool]:
    """Returns the tools of others that this machine has."""
    found: dict[str, Tool] = {}
    if shutil.which("strace"):
        found |= {"strace -f": strace, "strace -f --seccomp-bpf": strace_bpf}
    if shutil.which("roar"):
        found["roar"] = roar
    return found


@contextmanager
def project(workload: str) -> Iterator[Path]:
    """Yields a fresh git-tracked folder with the script, and 20,000 small files if it reads them.

    In it lie `home` and `cache`, so that no tool finds or leaves anything in the user's own.
    """
    with tempfile.TemporaryDirectory(prefix="sestina-bench-") as folder:
        root = Path(folder) / "project"
        root.mkdir()
        (Path(folder) / "home").mkdir()
        (root / f"{workload}.py").write_text(WORKLOADS[workload])
        (root / ".gitignore").write_text(".sestina/\n")
        if "small" in WORKLOADS[workload]:
            (root / "small").mkdir()
            for number in range(SMALL_FILE_COUNT):
                (root / "small" / f"{number:05}.txt").write_bytes(b"%d\n" % number * 40)
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        if shutil.which("roar"):
            spend(["roar", "init"], root)
        # roar refuses a folder that is not a clean git repository
        for words in ("add -A", "-c user.name=b -c user.email=b@localhost commit -qm b"):
            subprocess.run(["git", *words.split()], cwd=root, check=True)
        yield root


def surroundings(folder: Path) -> dict[str, str]:
    """Returns the environment of every measured command."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {
        **given,
        "HOME": str(folder.parent / "home"),
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
        "OMP_NUM_THREADS": "1",
        "DO_NOT_TRACK": "1",
    }


def spend(command: Command, folder: Path, *, limit: float = 900) -> tuple[float, float]:
    """Returns the CPU seconds of the command's whole tree, and its wall seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    null = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=folder, env=surroundings(folder), stdin=null, stdout=null, stderr=null,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # a tracer's children too
            raise
    if code:
        raise subprocess.CalledProcessError(code, command)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


Rounds = list[dict[str, tuple[float, float]]]


def measure(workload: str, repeat: int, repeat_others: int, folder: Path) -> Rounds:
    """Returns (cpu, wall) by tool of every round; one unmeasured round warms the caches."""
    script = folder / f"{workload}.py"
    strangers = others() if repeat_others else {}
    rounds: Rounds = []
    for number in range(repeat + 1):
        tools = {**OURS, **(strangers if number <= repeat_others else {})}
        if number > SLOW_ROUNDS:
            tools.pop("roar", None)
        spent = {}
        for name, tool in tools.items():
            try:
                spent[name] = spend(tool(script), folder, limit=LONGEST)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(f"{workload}: {name} failed and is left out: {error}", file=sys.stderr)
                strangers.pop(name, None)
        if number:
            rounds.append(spent)
    return rounds


def report(workload: str, rounds: Rounds) -> None:
    """Prints one row of the table per tool: median ratios to bare in the same round."""
    for name in dict.fromkeys(name for spent in rounds for name in spent):
        paired = [(spent[name], spent["bare"]) for spent in rounds if name in spent]
        cpu = statistics.median(mine[0] / plain[0] for mine, plain in paired)
        wall = statistics.median(mine[1] / plain[1] for mine, plain in paired)
        seconds = statistics.median(mine[0] for mine, _ in paired)
        print(f"| {workload} | {name} | {seconds:.2f} | {cpu:.2f} | {wall:.2f} | {len(paired)} |")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=7, help="measured rounds (default 7)")
    parser.add_argument("--others", type=int, default=1, help="of them with other tools (1)")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, by comma")
    arguments = parser.parse_args()
    print(
        "| workload | tool | CPU s | CPU ratio | wall ratio | rounds |\n|---|---|--:|--:|--:|--:|"
    )
    for workload in arguments.only.split(","):
        with project(workload) as folder:
            report(workload, measure(workload, arguments.repeat, arguments.others, folder))


if __name__ == "__main__":
    main()
