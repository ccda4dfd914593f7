"""Who owns an environment variable, and how its value is spelled in a record.

Four owners, in this order. *seed*: the seeds and switches of determinism (`seed.names`). *env*:
what chooses interpreter, loader, threads, CUDA, libraries' code paths, locale and time zone.
*params*: any other that Python code asked for by name and that was set. *fact*: the rest, and the
noise of a session, which code reads without meaning it (`HOME`, `TERM`, the id of a batch job).
"""

from __future__ import annotations

import os
import re
from typing import Literal

from sestina.ingredients.seed.names import is_seed_variable
from sestina.records.paths import Roots, is_within

Owner = Literal["seed", "env", "params", "fact"]

DEVICES = frozenset({"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"})
"""Which devices they name is chance; how many is a knob, so the number is recorded, as params."""

_ENV_NAMES = frozenset({
    "GLIBC_TUNABLES", "GOTO_NUM_THREADS", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LD_PRELOAD",
    "MALLOC_ARENA_MAX", "RAYON_NUM_THREADS", "TOKENIZERS_PARALLELISM", "TZ", "TZDIR",
    "VECLIB_MAXIMUM_THREADS",
    # of CPython, those that change what a program computes or which files it loads
    "PYTHONCOERCECLOCALE", "PYTHONDEVMODE", "PYTHONHOME", "PYTHONINTMAXSTRDIGITS",
    "PYTHONIOENCODING", "PYTHONMALLOC", "PYTHONNOUSERSITE", "PYTHONOPTIMIZE", "PYTHONPATH",
    "PYTHONPLATLIBDIR", "PYTHONSAFEPATH", "PYTHONUSERBASE", "PYTHONUTF8", "PYTHON_CPU_COUNT",
    "PYTHON_FROZEN_MODULES", "PYTHON_GIL", "PYTHON_JIT", "PYTHON_TLBC",
})  # fmt: skip
_ENV_FAMILIES = re.compile(
    r"(?:LC|OMP|GOMP|KMP|MKL|OPENBLAS|BLIS|ATLAS|NUMEXPR|NUMBA|POLARS|ARROW|DUCKDB|TBB"
    r"|CUDA|CUDNN|CUBLAS|CUPY|NVIDIA|NCCL|HIP|HSA|ROCR|MIOPEN|XLA|JAX|KERAS|TORCH|TORCHINDUCTOR"
    r"|PYTORCH|ATEN|ONEDNN|DNNL|NPY|SKLEARN)_.*"
    # Terraform's variables start like those of TensorFlow
    r"|TF_(?!CLI|VAR_|LOG|DATA_DIR|WORKSPACE|INPUT|PLUGIN|REGISTRY|IN_AUTOMATION|STATE).*"
)
_NOISE_NAMES = frozenset({
    "CI", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "COLUMNS", "DISPLAY", "EDITOR", "FORCE_COLOR",
    "HISTFILE", "HOME", "HOST", "HOSTNAME", "HOSTTYPE", "INFOPATH", "INVOCATION_ID",
    "JOURNAL_STREAM", "KMP_INIT_AT_FORK", "KMP_DUPLICATE_LIB_OK", "LESS", "LINES", "LOGNAME",
    "LS_COLORS", "MACHTYPE", "MAIL", "MAKEFLAGS", "MAKELEVEL", "MANPATH", "MASTER_ADDR",
    "MASTER_PORT", "MFLAGS", "NODE_RANK", "NO_COLOR", "OLDPWD", "OSTYPE", "PAGER", "PATH", "PWD",
    "PS1", "PS2", "RANK", "LOCAL_RANK", "GROUP_RANK", "ROLE_RANK", "SHELL", "SHLVL", "TEMP", "TERM",
    "TERM_PROGRAM", "TMP", "TMPDIR", "TMUX", "TTY", "USER", "USERNAME", "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT", "VISUAL", "WINDOWID", "_", "CUDA_CACHE_PATH", "NUMBA_CACHE_DIR",
    "TORCHINDUCTOR_CACHE_DIR", "TORCH_HOME", "KERAS_HOME", "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
})  # fmt: skip
_NOISE_FAMILIES = re.compile(
    r"(?:SESTINA|XDG|SSH|DBUS|GPG|VSCODE|JPY|TERM|WT|ITERM|KONSOLE|GNOME|KDE|DESKTOP|SESSION|UV|PIP"
    r"|CONDA|_CE|PYENV|GITHUB|GITLAB|RUNNER|BUILDKITE|JENKINS|TORCHELASTIC|KUBERNETES|PMI|PMIX|PRTE"
    r"|OMPI)_.*"
    r"|SLURM_(?:JOB_?ID|JOB_.*|PROCID|LOCALID|NODEID|STEP.*|.*NODELIST|TASK_PID|SUBMIT.*|TOPOLOGY.*)"
    r"|PYTHON.*|TF_CPP_(?:MIN_LOG_LEVEL|MIN_VLOG_LEVEL|VMODULE)|.*_PID"
)


def owner(name: str, *, is_read: bool) -> Owner:
    """Returns who owns an environment variable that is set; `is_read`: Python code asked for it.

    >>> [owner(name, is_read=True) for name in ("PYTHONHASHSEED", "TZ", "BATCH_SIZE", "HOME")]
    ['seed', 'env', 'params', 'fact']
    """
    if is_seed_variable(name):
        return "seed"
    if name in DEVICES:
        return "params"
    if name in _ENV_NAMES:
        return "env"
    if name in _NOISE_NAMES or _NOISE_FAMILIES.fullmatch(name):
        return "fact"
    if _ENV_FAMILIES.fullmatch(name):
        return "env"
    return "params" if is_read else "fact"


def logical(value: str, roots: Roots) -> str:
    """Returns a value with a path into the project, the prefix or the home made logical.

    >>> logical("/p/data:/opt/x", Roots(project=b"/p"))
    'project:data:/opt/x'
    """
    return os.pathsep.join(_path(part, roots) for part in value.split(os.pathsep))


def said(name: str, value: str, roots: Roots) -> str:
    """Returns a value that is not withheld as it enters a record."""
    if name in DEVICES:
        count = len([part for part in value.split(",") if part.strip() not in ("", "-1")])
        return f"{count} visible"
    return _safe(logical(value, roots))


def _path(part: str, roots: Roots) -> str:
    raw = os.fsencode(part)
    if not raw.startswith(b"/"):
        return part
    within = any(
        root and is_within(raw, root) for root in (roots.project, roots.prefix, roots.home)
    )
    return roots.logical(os.path.normpath(raw)) if within else part


def _safe(value: str) -> str:
    """Returns the value as text that JSON can hold, whatever bytes it had."""
    return os.fsencode(value).decode("utf-8", "backslashreplace")
