"""The fallback observer: what Python itself says it opens, where the kernel cannot be asked.

It sees the opens, changes and child processes of every Python below the command, through audit
events (PEP 578), and nothing that native code does by itself. So its trace is never complete, and
it names the libraries and programs that could have read unseen.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sestina.capture import testimony
from sestina.capture.calls import op_of
from sestina.capture.hooking import environment
from sestina.capture.launch import find_program, inherited_files
from sestina.capture.observer import Command, Executable, Keep, Stat, Trace
from sestina.capture.sightings import Sightings, pseudo, stat_of, tidy
from sestina.capture.signals import default_signals, keyboard_ignored, passing_on
from sestina.errors import SestinaError
from sestina.records.testimony import InterpreterSeen, Testimony

if TYPE_CHECKING:
    from resource import struct_rusage

READS_UNSEEN = frozenset(
    "av catboost cv2 datatable deltalake duckdb faiss fasttext fiona h5py jaxlib lance lightgbm "
    "llama_cpp netCDF4 onnxruntime osgeo polars pyarrow pyogrio pyreadstat pysam rasterio "
    "safetensors sentencepiece soundfile tables tensorflow tokenizers torch vaex xgboost".split()
)
"""Packages whose native code opens files by itself."""
_REFUSE_THE_HOOK = {"-I", "-S", "-E"}
_PATIENCE = 10.0


class AuditHook:
    """Sees what Python processes open; the copies it keeps lie in the folder of the hook."""

    name = "python"

    def probe(self) -> str | None:
        """Returns None when a file opened in a child is found in the trace, else why not."""
        nonce = f"/sestina-probe-{os.getpid()}-{time.monotonic_ns()}"
        source = f"try: open({nonce!r})\nexcept OSError: pass"
        try:
            trace = self.observe(Command(argv=(sys.executable, "-c", source), cwd="/"), _nothing)
        except SestinaError as error:
            return error.why or error.what
        if not any(event.path == nonce.encode() for event in trace.events):
            return "the child's open was not reported"
        return None

    def observe(self, command: Command, keep: Keep) -> Trace:
        """Returns what the command's Python processes did; see `Observer.observe`.

        Bytes about to be destroyed are copied by the program itself, and `keep` is not called. The
        copies live in the folder that `SESTINA_HOOK` names, so the caller sets it to keep them.
        """
        find_program(command)
        with tempfile.TemporaryDirectory(prefix="sestina-hook-") as spare:
            folder = Path(command.environ.get("SESTINA_HOOK") or spare)
            run = command.environ.get("SESTINA_RUN", "")
            environ = _hooked(command.environ, folder, run)
            sightings = Sightings(keep)
            inherited = inherited_files(sightings) if os.path.isdir("/proc/self/fd") else []
            began = time.time_ns()
            pid, status, usage = _run(command, environ)
            ended = time.time_ns()
            _await_the_rest(folder, sightings)
            for path, op, stat, kept in inherited:
                sightings.note((pid, op, path, b"", stat, kept))
            _Story(sightings, testimony.read(folder), command, pid).tell(folder)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        return Trace(
            observer=self.name,
            events=sightings.events(lambda task: task),
            executables=sightings.executables,
            gaps=sightings.gaps,
            peers=sightings.peers,
            exit=128 + number if number else os.waitstatus_to_exitcode(status),
            signal=number,
            began=began,
            ended=ended,
            cpu_user=usage.ru_utime,
            cpu_system=usage.ru_stime,
            peak_memory=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        )


def _nothing(path: bytes) -> bytes:
    return b""


def _hooked(environ: dict[str, str], folder: Path, run: str) -> dict[str, str]:
    """Returns the environment with the hook in it once, recording opens."""
    if environ.get("SESTINA_HOOK") == str(folder):
        return {**environ, "SESTINA_HOOK_OPENS": "1"}
    return environment(environ, folder=folder, run=run, opens=True)


def _run(command: Command, environ: dict[str, str]) -> tuple[int, int, struct_rusage]:
    program = find_program(command)
    words = [os.fsencode(word) for word in command.argv]
    with keyboard_ignored() as heeded:
        pid = os.fork()
        if pid == 0:
            try:
                default_signals(heeded)
                os.chdir(command.cwd)
                os.execve(program, words, environ)  # noqa: S606
            finally:
                os._exit(126)
        with passing_on(pid):
            _, status, usage = os.wait4(pid, 0)
    return pid, status, usage


def _await_the_rest(folder: Path, found: Sightings) -> None:
    """Waits a while for hooked processes that outlive the command."""
    patience = time.monotonic() + _PATIENCE
    while alive := [pid for pid in testimony.read(folder).unfinished if _alive(pid)]:
        if time.monotonic() > patience:
            found.gap(f"process {alive[0]} still runs: what it does now is not seen")
            return
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


class _Story:
    """Turns what the processes recorded into events, and what they could not into gaps."""

    def __init__(self, found: Sightings, told: Testimony, command: Command, pid: int) -> None:
        self._found = found
        self._told = told
        self._path = command.environ.get("PATH", os.defpath)
        self._command = command
        self._pid = pid

    def tell(self, folder: Path) -> None:
        """Notes everything in the sightings, in the order in which it happened."""
        self._found.gap("only what Python itself opens is visible")
        first = next((one for one in self._told.interpreters if one.pid == self._pid), None)
        if first is None:
            self._started(self._pid, self._command.argv[0], self._command.argv)
        for interpreter in self._told.interpreters:
            self._python(interpreter)
        for line in sorted(_lines(folder, self._found), key=lambda line: int(line["at"])):
            try:
                self._one(line)
            except (KeyError, TypeError, ValueError):
                self._found.gap("a line of the hook's record is damaged")
        loaded = {module.name.partition(".")[0] for module in self._told.modules}
        for package in sorted(loaded & READS_UNSEEN):
            self._found.gap(f"{package} loaded: its reads are not visible")

    def _python(self, seen: InterpreterSeen) -> None:
        path = tidy(os.fsencode(os.path.abspath(seen.executable)))
        words = tuple(map(os.fsencode, seen.argv))
        self._found.note((seen.pid, "exec", path, b"", stat_of(path), b""))
        self._found.ran(Executable(seen.pid, 0, path, words))

    def _one(self, line: dict[str, Any]) -> None:
        op, pid = line["op"], int(line["pid"])
        if op == "peer":
            self._found.peer(str(line["path"]))
            return
        if op == "exec":
            self._started(pid, line["path"], line["argv"])
            return
        path, other = tidy(os.fsencode(line["path"])), os.fsencode(line["other"])
        if pseudo(path):
            return
        before: Any = line["stat"]
        stat: Stat | None = None if before is None else tuple(map(int, before))  # type: ignore[assignment]
        if op == "open":
            op = op_of(int(line["flags"]), stat)
        if op is not None:
            kept = os.fsencode(line["kept"])
            self._found.note((pid, op, path, other and tidy(other), stat, kept))

    def _started(self, pid: int, program: str | bytes, words: Any) -> None:
        """Notes a program that a Python started; one that is a Python too speaks for itself."""
        name = os.fsdecode(program)
        argv = tuple(os.fsencode(word) for word in words)
        found = shutil.which(name, path=self._path) or name
        base = os.path.basename(found)
        flags = {os.fsdecode(word) for word in argv[1:3]}
        if base.startswith(("python", "pypy")) and not flags & _REFUSE_THE_HOOK:
            return
        path = tidy(os.fsencode(os.path.abspath(found)))
        self._found.note((pid, "exec", path, b"", stat_of(path), b""))
        self._found.ran(Executable(pid, pid, path, argv))
        self._found.gap(f"{base} is not followed: what it reads is not visible")


def _lines(folder: Path, found: Sightings) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.opens")):
        pid = file.name.partition("-")[0]
        if file.is_symlink() or not file.is_file() or not pid.isdecimal():
            continue
        with file.open("rb") as stream:
            for line in stream:
                try:
                    said = json.loads(line)
                    int(said["at"])
                except (ValueError, TypeError, KeyError, RecursionError):
                    found.gap("a line of the hook's record is damaged")
                    continue
                yield {**said, "pid": pid}
