"""Calls the watchers of a module right after it was imported.

A finder at the head of `sys.meta_path` answers for the few names that are watched: it lets the
others find the module, and lends the loader an `exec_module` that puts the real one back before
it runs. The loader that the program sees in `__loader__` is of the usual type, with nothing left.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
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


class _Arrivals:
    """The finder; it finds nothing itself."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _WATCHERS:
            return None
        for finder in tuple(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if find is None or finder is self:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                _follow(spec)
                return spec
        return None


def expect_all() -> None:
    """Watches what is imported already, and whatever comes."""
    sys.meta_path.insert(0, _Arrivals())
    for name in _WATCHERS:
        if name in sys.modules:
            _tell(sys.modules[name], name)


def _follow(spec: ModuleSpec) -> None:
    loader: Any = spec.loader
    if isinstance(loader, type) or not hasattr(loader, "__dict__"):
        return  # a class that serves every module, or an object that cannot hold the loan
    plain = getattr(loader, "exec_module", None)
    if plain is None:
        return

    def exec_module(module: ModuleType) -> None:
        if module.__name__ == spec.name:
            vars(loader).pop("exec_module", None)
        plain(module)
        if module.__name__ == spec.name:
            _tell(module, spec.name)

    try:
        loader.exec_module = exec_module
    except (AttributeError, TypeError):
        return


def _tell(module: ModuleType, name: str) -> None:
    room, watcher = _WATCHERS[name]
    try:
        getattr(sys.modules["_sestina_hook"].late(room), watcher)(module)
    except Exception:
        return  # a version of the library that is made otherwise: its part goes unobserved
