"""From a command to an observation: run it under the best observer, then say what each file was."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sestina.capture import (
    bytecode,
    commandline,
    pick,
    places,
    scene,
    standard_input,
    testimony,
)
from sestina.capture.classify import classify
from sestina.capture.grade import handed_over, outside_peers
from sestina.capture.hooking import HOOK, environment
from sestina.capture.launch import find_program
from sestina.capture.lives import Lives
from sestina.capture.observer import Command, Executable, Trace
from sestina.capture.preimages import Preimages, recover_beginnings
from sestina.capture.unhooked import unhooked
from sestina.capture.withheld import tell_no_secrets, without_tokens
from sestina.kernel import when
from sestina.records.observation import Observation
from sestina.records.paths import Roots
from sestina.records.settings import Settings
from sestina.records.testimony import Testimony

_OWN = Path(__file__).parents[1]
_WATCHED = "watched"


def observe(
    argv: Sequence[str],
    *,
    project: Path,
    live: Path,
    run: str,
    settings: Settings | None = None,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    own: Sequence[Path] = (),
    capture: str = "auto",
    trace_seed: bool = False,
) -> Observation:
    """Returns what a command did, after it and what it started have ended.

    `live` is a folder private to the run `run`; copies that the observation points to lie there
    until it is removed. `own` are more folders that are sestina's (the repo).
    `capture` is `auto` or the name of an observer.

    Raises:
        NotFound: `not-found/command`.
        Unavailable: the command or every observer could not start.
    """
    settings = settings or Settings()
    variables = dict(os.environ if environ is None else environ)
    folder = Path(os.path.realpath(cwd or Path.cwd()))
    watcher = pick.pick(capture)
    told = live / "hook"
    told.mkdir(mode=0o700, parents=True, exist_ok=True)
    child = environment(variables, folder=told, run=run, trace_seed=trace_seed)
    keep = Preimages(live / "kept", size_cap=settings.size_cap)
    with (told / _WATCHED).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waited = standard_input.waiting()
        trace = watcher.observe(
            Command(argv=tuple(argv), environ=child, cwd=os.fsencode(folder)), keep
        )
        if standard_input.waiting() < waited:
            trace = replace(trace, gaps=(*trace.gaps, standard_input.EMPTIED))
    return _observation(
        trace,
        testimony.read(told),
        argv=argv,
        settings=settings,
        variables=variables,
        folder=folder,
        project=Path(os.path.realpath(project)),
        live=live,
        own=(*own, live),
    )


def outer_run(environ: Mapping[str, str]) -> str | None:
    """Returns the id of the run that is watching this process already, None when none is."""
    run, told = environ.get("SESTINA_RUN"), environ.get("SESTINA_HOOK")
    if not run or not told:
        return None
    try:
        with open(os.path.join(told, _WATCHED), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return run
    except OSError:
        return None
    return None


def join(argv: Sequence[str], *, environ: Mapping[str, str] | None = None) -> int:
    """Returns the exit code of a command that an outer run watches: it is only run.

    Raises NotFound or Unavailable as `observe` does.
    """
    import subprocess

    variables = dict(os.environ if environ is None else environ)
    find_program(Command(argv=tuple(argv), environ=variables, cwd=b"."))
    code = subprocess.run(list(argv), env=variables, check=False).returncode
    return code if code >= 0 else 128 - code


def _observation(
    trace: Trace,
    told: Testimony,
    *,
    argv: Sequence[str],
    settings: Settings,
    variables: dict[str, str],
    folder: Path,
    project: Path,
    live: Path,
    own: Sequence[Path],
) -> Observation:
    roots = _roots(project, variables, told)
    lives = Lives(trace.events)
    moved = os.fsencode(variables.get("PYTHONPYCACHEPREFIX", ""))
    stale = bytecode.replace_bytecode(lives, moved)
    recover_beginnings(lives, live / "kept")
    around = _scene(trace, told, lives, roots, settings, variables, own)
    found = classify(lives, around, stale)
    files = without_tokens(found.files, live / "kept", around)
    gaps = (
        *trace.gaps,
        *unhooked(trace.executables, told, found.files),
        *found.gaps,
        *handed_over(
            trace.peers, trace.executables, (module.name for module in told.modules), variables
        ),
    )
    return Observation(
        argv=commandline.recorded_words(argv, roots),
        script=commandline.code_words(argv),
        launching=commandline.launcher_options(argv),
        folder=roots.logical(os.fsencode(folder)),
        roots=roots,
        environ=variables,
        files=files,
        programs=tuple(
            sorted(
                {
                    around.true(program.path)
                    for program in trace.executables
                    if program.pid not in around.asking
                }
            )
        ),
        testimony=tell_no_secrets(told),
        listings=found.listings,
        absent=found.absent,
        peers=outside_peers(trace.peers),
        gaps=tuple(dict.fromkeys(gaps)),
        observer=trace.observer,
        exit=trace.exit,
        began=when.from_ns(trace.began),
        ended=when.from_ns(trace.ended),
        cpu_seconds=f"{trace.cpu_user + trace.cpu_system:.3f}",
        peak_memory=trace.peak_memory,
    )


def _roots(project: Path, variables: Mapping[str, str], told: Testimony) -> Roots:
    """Returns where the roots lie; of several Pythons a virtual environment's is the prefix."""
    home = os.path.realpath(os.path.join("/", variables.get("HOME") or os.path.expanduser("~")))
    seen = sorted(told.interpreters, key=lambda one: one.prefix == one.base_prefix)
    prefix = os.path.realpath(seen[0].prefix) if seen else ""
    return Roots(
        project=os.fsencode(project),
        prefix=os.fsencode(prefix).rstrip(b"/"),
        home=os.fsencode(home).rstrip(b"/"),
    )


def _scene(
    trace: Trace,
    told: Testimony,
    lives: Lives,
    roots: Roots,
    settings: Settings,
    variables: dict[str, str],
    own: Sequence[Path],
) -> scene.Scene:
    opened = [life.path for life in lives.all() if life.read]
    derived, fetched = scene.caches(variables, roots.home)
    said = {os.fsencode(p) for one in told.interpreters for p in (one.prefix, one.base_prefix)}
    real = {os.path.realpath(prefix) for prefix in said}
    temporary = os.fsencode(variables.get("TMPDIR", "/tmp"))  # noqa: S108
    return scene.Scene(
        roots=roots,
        settings=settings,
        own=tuple(os.fsencode(os.path.realpath(path)) for path in (_OWN, HOOK, *own)),
        prefixes=scene.environments(said | real, [program.path for program in trace.executables]),
        sources=scene.sources((os.fsencode(module.file) for module in told.modules), opened),
        scripts=commandline.scripts(trace.executables, opened),
        derived=derived,
        fetched=fetched,
        temporary=(temporary, b"/tmp", b"/var/tmp"),
        weights=frozenset(os.path.dirname(path) for path in opened if places.WEIGHTS.search(path)),
        written=frozenset(lives.written_inodes()),
        began=trace.began,
        streams=_streams(),
        asking=_asking(trace.executables),
    )


def _asking(executables: Sequence[Executable]) -> frozenset[int]:
    """Returns the processes that ran nothing but programs which ask about the machine."""
    others = {p.pid for p in executables if os.path.basename(p.path) not in places.ASKERS}
    return frozenset(p.pid for p in executables) - others


def _streams() -> frozenset[bytes]:
    """Returns the files that standard output and error go to, which the command has from us."""
    found = set()
    for descriptor in (1, 2):
        try:
            found.add(os.readlink(b"/proc/self/fd/%d" % descriptor))
        except OSError:
            pass
    return frozenset(found)
