"""Which words of a command are code, and which files the command lines of interpreters name.

The words up to and including the script are code; later words are params.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from sestina.capture.observer import Executable
from sestina.capture.places import SOURCE
from sestina.kernel.withhold import words_without_secrets
from sestina.records.paths import Roots

_PYTHON = re.compile(r"(?:i?python|pypy)[\d.]*t?")
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "ash"}
_OTHERS = {
    "Rscript": {"-e"}, "R": {"-e"}, "julia": {"-e", "-E"}, "perl": {"-e", "-E"}, "ruby": {"-e"},
    "node": {"-e", "-p"}, "lua": {"-e"}, "php": {"-r"}, "octave": {"--eval"}, "deno": set(),
}  # fmt: skip
"""Interpreters with the options that are followed by code."""
_WITH_VALUE = {
    "python": {"-X", "-W", "--check-hash-based-pycs"},
    "sh": {"-o", "-O", "--rcfile", "--init-file"},
    "julia": {"-t", "-p", "-L", "-J", "-C", "-O"}, "perl": {"-I", "-M"}, "ruby": {"-I", "-r"},
    "node": {"-r", "--require", "--import"}, "R": set(), "Rscript": set(),
}  # fmt: skip
_WRAPPERS: dict[tuple[str, ...], tuple[set[str], int]] = {
    ("env",): ({"-u", "--unset", "-C", "--chdir", "-S"}, 0),
    ("nice",): ({"-n"}, 0),
    ("time",): ({"-o", "-f"}, 0),
    ("nohup",): (set(), 0),
    ("setsid",): (set(), 0),
    ("stdbuf",): ({"-i", "-o", "-e"}, 0),
    ("timeout",): ({"-s", "-k", "--signal", "--kill-after"}, 1),
    ("taskset",): (set(), 1),
    ("chrt",): (set(), 1),
    ("ionice",): ({"-c", "-n"}, 0),
    ("numactl",): ({"-m", "-N", "-C", "-i", "-p"}, 0),
    ("xvfb-run",): ({"-n", "-s", "-e", "-f"}, 0),
    ("uv", "run"): (
        {"--with", "--with-requirements", "--python", "-p", "--extra", "--group", "--only-group",
         "--directory", "--project", "--env-file", "--package", "--index", "--index-url"}, 0,
    ),
    ("poetry", "run"): (set(), 0),
    ("pipenv", "run"): (set(), 0),
    ("pdm", "run"): ({"-p", "--project"}, 0),
    ("hatch", "run"): (set(), 0),
    ("rye", "run"): (set(), 0),
    ("pixi", "run"): ({"-e", "--environment", "--manifest-path"}, 0),
    ("conda", "run"): ({"-n", "--name", "-p", "--prefix", "--cwd"}, 0),
    ("mamba", "run"): ({"-n", "--name", "-p", "--prefix", "--cwd"}, 0),
    ("micromamba", "run"): ({"-n", "--name", "-p", "--prefix", "--cwd"}, 0),
    ("direnv", "exec"): (set(), 1),
    ("dotenv", "run"): (set(), 0),
}  # fmt: skip
"""Programs that start another: options with a value, and words of their own before it."""
_LAUNCHERS = {
    "torchrun", "accelerate", "deepspeed", "mpirun", "mpiexec", "horovodrun", "srun",
    "spark-submit", "streamlit", "coverage", "kernprof", "scalene", "viztracer", "memray", "nsys",
    "py-spy",
    "jupyter", "jupyter-execute", "jupyter-nbconvert", "jupyter-run", "papermill",
}  # fmt: skip
_LAUNCHING_MODULES = {
    "torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch",
    "deepspeed.launcher.runner", "coverage", "cProfile", "profile", "pdb", "trace", "nbconvert",
    "jupyter", "papermill", "memray", "scalene", "kernprof", "debugpy",
}  # fmt: skip
_DISTRIBUTING = {
    "torchrun", "accelerate", "deepspeed", "mpirun", "mpiexec", "horovodrun", "srun",
    "spark-submit", "torch.distributed.run", "torch.distributed.launch",
    "accelerate.commands.launch", "deepspeed.launcher.runner",
}  # fmt: skip
"""Launchers whose options say how many workers there are, and where."""
_WITH_FILE = {"awk", "gawk", "mawk", "sed", "make", "gmake", "psql", "sqlite3", "duckdb", "mysql"}


def code_words(argv: Sequence[str]) -> int:
    """Returns how many words of a command are code: those up to and including the script.

    >>> code_words(["python", "train.py", "--lr", "1"]), code_words(["make", "train", "LR=3"])
    (2, 1)
    """
    for names, (valued, own) in _WRAPPERS.items():
        if _name(argv[:1]) == names[0] and tuple(argv[1 : len(names)]) == names[1:]:
            start = _program_at(argv, len(names), valued, own)
            if start < len(argv):
                return start + code_words(argv[start:])
            return len(argv)
    name = _name(argv[:1])
    if _PYTHON.fullmatch(name):
        return _python_words(argv)
    if name in _SHELLS:
        return _shell_words(argv)
    if name in _OTHERS:
        return _interpreter_words(argv, _OTHERS[name], _WITH_VALUE.get(name, set()))
    if name in _LAUNCHERS:
        return _launched(argv, 1)
    return min(1, len(argv))


def launcher_options(argv: Sequence[str]) -> tuple[int, ...]:
    """Returns the places of the words by which a launcher is told how many workers to start.

    >>> launcher_options(["torchrun", "--nproc-per-node", "2", "train.py", "--lr", "1"])
    (1, 2)
    """
    code = code_words(argv)
    at = next((i for i, word in enumerate(argv[:code]) if _name([word]) in _DISTRIBUTING), None)
    if at is None:
        return ()
    started = (i for i in range(at + 1, code) if i + code_words(argv[i:]) == code)
    program = next(started, code)
    if argv[program - 1] == "-m":
        program -= 1
    first = next((i for i in range(at + 1, program) if argv[i].startswith("-")), program)
    return tuple(range(first, program))


def recorded_words(argv: Sequence[str], roots: Roots) -> tuple[str, ...]:
    """Returns a command's words without secrets, its absolute paths made logical.

    So a command that names `/home/ann/fraud/data.csv` has the same words after a move.
    """
    bases = {getattr(roots, name): name for name in ("home", "prefix", "project")}
    known = sorted((base for base in bases if base.count(b"/") and len(base) > 1), key=len)
    words = list(words_without_secrets(argv))
    for base in reversed(known):
        spelled = re.escape(os.fsdecode(base))
        start = re.compile(rf"(?<![\w./~-]){spelled}(?:/|(?=[:,;\"'\s)\]]|\Z))")
        words = [start.sub(f"{bases[base]}:", word) for word in words]
    return tuple(word.encode("utf-8", "backslashreplace").decode() for word in words)


def scripts(executables: Iterable[Executable], opened: Iterable[bytes]) -> frozenset[bytes]:
    """Returns those of the `opened` paths that the command line of an interpreter names."""
    endings = {ending for program in executables for ending in _script_of(program)}
    names = {os.path.basename(ending) for ending in endings}
    return frozenset(
        path
        for path in opened
        if os.path.basename(path) in names
        and any(path == end or path.endswith(b"/" + end) for end in endings)
    )


def _script_of(program: Executable) -> list[bytes]:
    words = [os.fsdecode(word) for word in program.argv]
    if not words:
        return []
    itself = _name([os.fsdecode(program.path)])
    words[0] = name = itself if _known(itself) or itself in _WITH_FILE else _name(words[:1])
    if name in _WITH_FILE:
        found = [after for word, after in pairwise(words) if word == "-f"]
    elif _known(name):
        last = code_words(words) - 1
        found = [] if _is_code_itself(name, words[1 : last + 1]) else [words[last]]
    else:
        return []
    tidy = (os.path.normpath(word) for word in found if word and not word.startswith("-"))
    return [os.fsencode(re.sub(r"^(?:\.\./)+", "", word)) for word in tidy]


def _is_code_itself(name: str, words: Sequence[str]) -> bool:
    """Returns whether the last of the words is code or a module's name, not a file's."""
    before = words[-2] if len(words) > 1 else ""
    if name in _SHELLS:
        return any(word.startswith("-") and "c" in word.lstrip("-")[:4] for word in words[:-1])
    if _PYTHON.fullmatch(name):
        return before.startswith("-") and not before.startswith("--") and before[-1] in "cm"
    return before in _OTHERS.get(name, {"-m"})


def _known(name: str) -> bool:
    return bool(_PYTHON.fullmatch(name)) or name in _SHELLS or name in _OTHERS or name in _LAUNCHERS


def _name(words: Sequence[str]) -> str:
    return os.path.basename(words[0]) if words else ""


def _program_at(argv: Sequence[str], start: int, valued: set[str], own: int) -> int:
    index = start
    while index < len(argv):
        word = argv[index]
        if word == "--":
            index += 1
            continue
        if word in valued:
            index += 2
        elif word.startswith("-") or re.match(r"[A-Za-z_]\w*=", word):
            index += 1
        elif own:
            own -= 1
            index += 1
        else:
            return index
    return len(argv)


def _python_words(argv: Sequence[str]) -> int:
    index = 1
    while index < len(argv):
        word = argv[index]
        if not word.startswith("-") or word == "-":
            return index + 1
        flags = "" if word.startswith("--") else word[1:]
        if word in _WITH_VALUE["python"]:
            index += 1
        elif "c" in flags and flags[: flags.index("c")].isalpha() | (flags[0] == "c"):
            return min(index + (2 if flags.endswith("c") else 1), len(argv))
        elif flags.endswith("m"):
            module = argv[index + 1] if index + 1 < len(argv) else ""
            after = min(index + 2, len(argv))
            return _launched(argv, after) if module in _LAUNCHING_MODULES else after
        index += 1
    return len(argv)


def _shell_words(argv: Sequence[str]) -> int:
    index = 1
    while index < len(argv):
        word = argv[index]
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            return len(argv)
        if not word.startswith(("-", "+")):
            return index + 1
        index += 2 if word in _WITH_VALUE["sh"] else 1
    return len(argv)


def _interpreter_words(argv: Sequence[str], code: set[str], valued: set[str]) -> int:
    index = 1
    while index < len(argv):
        word = argv[index]
        if word in code:
            return min(index + 2, len(argv))
        if not word.startswith("-"):
            return index + 1
        index += 2 if word in valued else 1
    return len(argv)


def _launched(argv: Sequence[str], start: int) -> int:
    """Returns the words through what a launcher starts: a program, a script or a module."""
    for index in range(start, len(argv)):
        word = argv[index]
        if argv[index - 1] == "-m" and index > start:
            return index + 1
        if SOURCE.search(os.fsencode(word)) and not word.startswith("-"):
            return index + 1
        if _PYTHON.fullmatch(_name([word])) or _name([word]) in _SHELLS:
            return index + code_words(argv[index:])
    return start
