"""Which keys, options and variables hold a seed or a switch of determinism."""

from __future__ import annotations

import re
from collections.abc import Sequence

HASH_SEED = "PYTHONHASHSEED"
"""Always in the record: Python's order of sets depends on it even where nobody set it."""

SWITCHES = frozenset({
    HASH_SEED,
    "CUBLAS_WORKSPACE_CONFIG",
    "FLAGS_cudnn_deterministic",
    "JAX_DEFAULT_PRNG_IMPL",
    "JAX_THREEFRY_PARTITIONABLE",
    "MKL_CBWR",
    "MXNET_ENFORCE_DETERMINISM",
    "TF_CUDNN_DETERMINISTIC",
    "TF_CUDNN_USE_AUTOTUNE",
    "TF_DETERMINISTIC_OPS",
})  # fmt: skip
"""Environment variables that make a framework deterministic, or choose its generator."""

_TABLE = re.compile(r"seeds?|random_states?")
_NAME = re.compile(rf"{_TABLE.pattern}|\w+_(?:{_TABLE.pattern})|seeds?_\w+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_seed_name(name: str) -> bool:
    """Returns whether a key, option or variable of this name holds a seed.

    >>> [is_seed_name(name) for name in ("--random-state", "SEED", "npSeed", "seedling")]
    [True, True, True, False]
    """
    return _NAME.fullmatch(_plain(name)) is not None


def is_seed_key(parts: Sequence[str]) -> bool:
    """Returns whether a dotted key holds a seed, by its last part or as a member of such a table.

    >>> [is_seed_key(parts) for parts in (("a", "seed"), ("seed", "numpy"), ("seed_lib", "x"))]
    [True, True, False]
    """
    return is_seed_name("".join(parts[-1:])) or any(
        _TABLE.fullmatch(_plain(part)) for part in parts
    )


def is_seed_variable(name: str) -> bool:
    """Returns whether an environment variable is a seed's."""
    return name in SWITCHES or is_seed_name(name)


def _plain(name: str) -> str:
    return _CAMEL.sub("_", name.strip("-+~ ")).replace("-", "_").lower()
