"""Calls the watchers of a module right after it was imported.

Two functions of Python's own import are watched: the one that dresses a new module, and the one
that releases its lock, which happens to every import, also to one that fails. Neither is on the
stack while the module runs, so no traceback shows them.
"""

from __future__ import annotations

import sys

from . import at_work
from .taps import find, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WATCHERS = {
    "argparse": ("parsers", "argparse_arrived"),
    "click.core": ("parsers", "click_arrived"),
    "absl.flags._flagvalues": ("parsers", "absl_arrived"),
    "hydra._internal.hydra": ("configs", "hydra_arrived"),
    "omegaconf.omegaconf": ("configs", "omegaconf_arrived"),
    "pydantic_settings.main": ("configs", "pydantic_settings_arrived"),
    "subprocess": ("children", "subprocess_arrived"),
    "multiprocessing.process": ("children", "multiprocessing_arrived"),
    "multiprocessing.queues": ("children", "queues_arrived"),
    "joblib.externals.loky.backend.fork_exec": ("children", "loky_arrived"),
    "loky.backend.fork_exec": ("children", "loky_arrived"),
    "random": ("generators", "random_arrived"),
    "numpy.random.mtrand": ("generators", "numpy_arrived"),
    "numpy.random.bit_generator": ("entropy", "numpy_arrived"),
    "torch": ("generators", "torch_arrived"),
    "torch.random": ("seeds", "manual_seed_arrived"),
    "torch.cuda.random": ("seeds", "cuda_arrived"),
    "tensorflow.python.framework.random_seed": ("seeds", "tensorflow_arrived"),
    "keras.src.utils.rng_utils": ("seeds", "keras_arrived"),
    "transformers.trainer_utils": ("seeds", "transformers_arrived"),
    "lightning.fabric.utilities.seed": ("seeds", "lightning_arrived"),
    "lightning_fabric.utilities.seed": ("seeds", "lightning_arrived"),
    "sklearn.base": ("estimators", "sklearn_arrived"),
    "xgboost.training": ("estimators", "xgboost_train_arrived"),
    "xgboost.sklearn": ("estimators", "xgboost_models_arrived"),
    "lightgbm.engine": ("estimators", "lightgbm_train_arrived"),
    "lightgbm.sklearn": ("estimators", "lightgbm_models_arrived"),
    "catboost.core": ("estimators", "catboost_arrived"),
}


def expect_all() -> None:
    """Watches what is imported already, and whatever comes."""
    bootstrap = sys.modules["_frozen_importlib"]
    tap(find(bootstrap, "_init_module_attrs"), before=at_work.begins)
    tap(find(bootstrap, "_ModuleLockManager.__exit__"), after=_released)
    for name in _WATCHERS:
        if name in sys.modules:
            _arrived(name)


def _released(_: object, lock: Any, *__: object, **___: object) -> None:
    name: str = lock._name
    if name in _WATCHERS:
        _arrived(name)
    at_work.ends(name)


_known: dict[str, object] = {}


def _arrived(name: str) -> None:
    """Tells of a module once, when it has run to its end; a lazy one is not woken."""
    module = sys.modules.get(name)
    if module is None or module is _known.get(name) or type(module).__name__ == "_LazyModule":
        return
    if getattr(getattr(module, "__spec__", None), "_initializing", False):
        return  # asked for in a circle, by a module that it imports
    _known[name] = module
    room, watcher = _WATCHERS[name]
    try:
        getattr(sys.modules["_sestina_hook"].late(room), watcher)(module)
    except Exception:
        return  # a version of the library that is made otherwise: its part goes unobserved
