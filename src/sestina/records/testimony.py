"""What a Python process said about itself while it ran: meaning that system calls do not carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpreterSeen:
    """A Python process as it started; paths are absolute, as the process saw them."""

    pid: int
    executable: str
    prefix: str
    base_prefix: str
    version: str
    version_info: str
    implementation: str
    argv: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSeen:
    """A module that was in `sys.modules`; `file` is its source (or extension) path, absolute."""

    name: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveParam:
    """A parameter after its parser had filled in defaults."""

    by: str
    name: str
    value: str
    given: bool
    option: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRead:
    """An environment variable that Python code asked for by name; `file` asked, absolute path."""

    name: str
    is_set: bool
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSet:
    """A generator was given a seed."""

    generator: str
    value: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What became of a global generator: untouched, seeded, unseeded draws, or unknown."""

    generator: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSite:
    """A line that drew from a global generator (only under `--trace-seed`)."""

    generator: str
    function: str
    file: str
    line: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatorSeen:
    """An estimator as it was fitted; `params` include its defaults."""

    cls: str
    params: tuple[tuple[str, str], ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A name and a text: a switch, a runtime fact, a recorded parameter."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTold:
    """A metric given by the program; `step` places it on a curve, the last one is the run's."""

    name: str
    value: str
    step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """All Python processes of one run, merged."""

    interpreters: tuple[InterpreterSeen, ...] = ()
    modules: tuple[ModuleSeen, ...] = ()
    effective: tuple[EffectiveParam, ...] = ()
    env_reads: tuple[EnvRead, ...] = ()
    seeds: tuple[SeedSet, ...] = ()
    draws: tuple[Draws, ...] = ()
    draw_sites: tuple[DrawSite, ...] = ()
    estimators: tuple[EstimatorSeen, ...] = ()
    switches: tuple[Told, ...] = ()
    runtime: tuple[Told, ...] = ()
    metrics: tuple[MetricTold, ...] = ()
    params: tuple[Told, ...] = ()
    notes: tuple[str, ...] = ()
    unfinished: tuple[int, ...] = ()
    damaged_lines: int = 0
