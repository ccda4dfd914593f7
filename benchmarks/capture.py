"""What watching costs: CPU and wall seconds of a command under capture, as ratios to it bare.

    make bench            (or: python benchmarks/capture.py [--repeat 7] [--only imports,training])

Every tool runs the same command in the same round, interleaved, and the median over the rounds is
reported. CPU is user + system of the whole process tree; each `sestina run` includes start-up,
watching and sealing into the repo with a warm stat cache, and the column `after` is what sealing
alone costs after the program has ended.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
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
RandomForestClassifier(45, random_state=7).fit(table, table[:, :3].sum(1) > 0)
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

Command = list[str]
Tool = Callable[[Path], Command]


def bare(script: Path) -> Command:
    return [sys.executable, script.name]


def sestina(script: Path) -> Command:
    return [sys.executable, "-m", "sestina", "run", "--quiet", "--", *bare(script)]


def strace(script: Path) -> Command:
    return ["strace", "-f", "-qq", "-e", "trace=file", "-o", os.devnull, *bare(script)]


def strace_bpf(script: Path) -> Command:
    return ["strace", "-f", "--seccomp-bpf", *strace(script)[2:]]


def roar(script: Path) -> Command:
    return ["roar", "run", *bare(script)]


def tools() -> dict[str, Tool]:
    """Returns the tools that this machine has, `bare` first."""
    found: dict[str, Tool] = {"bare": bare, "sestina": sestina}
    if shutil.which("strace"):
        found |= {"strace -f": strace, "strace -f --seccomp-bpf": strace_bpf}
    if shutil.which("roar"):
        found["roar"] = roar
    return found


@contextmanager
def project() -> Iterator[Path]:
    """Yields a fresh git-tracked folder with the scripts and 20,000 small files."""
    with tempfile.TemporaryDirectory(prefix="sestina-bench-") as folder:
        root = Path(folder)
        (root / "small").mkdir()
        for number in range(SMALL_FILE_COUNT):
            (root / "small" / f"{number:05}.txt").write_bytes(b"%d\n" % number * 40)
        for name, text in WORKLOADS.items():
            (root / f"{name}.py").write_text(text)
        # roar refuses a folder that is not a clean git repository
        for words in ("init -q", "add -A", "-c user.name=b -c user.email=b@localhost commit -qm b"):
            subprocess.run(["git", *words.split()], cwd=root, check=True)
        yield root


def spend(command: Command, folder: Path) -> tuple[float, float]:
    """Returns the CPU seconds of the command's whole tree, and its wall seconds."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(folder / ".cache"), "OMP_NUM_THREADS": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command, cwd=folder, env=environ, check=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900,
    )  # fmt: skip
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


def measure(workload: str, repeat: int, folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Returns (cpu, wall) of every round for every tool; one unmeasured round warms the caches."""
    script = folder / f"{workload}.py"
    rounds: dict[str, list[tuple[float, float]]] = {}
    for number in range(repeat + 1):
        for name, tool in tools().items():
            try:
                spent = spend(tool(script), folder)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(f"{workload}: {name} failed: {error}", file=sys.stderr)
                continue
            if number:
                rounds.setdefault(name, []).append(spent)
    return rounds


def report(workload: str, rounds: dict[str, list[tuple[float, float]]]) -> None:
    """Prints one row of the table per tool: median ratios to bare in the same round."""
    base = rounds["bare"]
    for name, spent in rounds.items():
        paired = list(zip(spent, base, strict=False))
        cpu = statistics.median(mine[0] / his[0] for mine, his in paired)
        wall = statistics.median(mine[1] / his[1] for mine, his in paired)
        seconds = statistics.median(mine[0] for mine in spent)
        print(f"| {workload} | {name} | {seconds:.2f} | {cpu:.2f} | {wall:.2f} | {len(spent)} |")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=7, help="measured rounds (default 7)")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, by comma")
    arguments = parser.parse_args()
    print(
        "| workload | tool | CPU s | CPU ratio | wall ratio | rounds |\n|---|---|---|---|---|---|"
    )
    with project() as folder:
        for workload in arguments.only.split(","):
            report(workload, measure(workload, arguments.repeat, folder))


if __name__ == "__main__":
    main()
