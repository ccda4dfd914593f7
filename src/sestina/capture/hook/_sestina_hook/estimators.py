"""Estimators as they are fitted: their class and every constructor parameter, defaults included."""

from __future__ import annotations

import sys

from . import diary
from .last_resort import inside
from .taps import find, outside, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

_MOST = 200
_LIBRARIES = (
    "sklearn", "imblearn", "sklearn_compat", "joblib", "xgboost", "lightgbm", "catboost",
    "threading", "concurrent", "contextlib", "_sestina_hook",
)  # fmt: skip
_seen: set[str] = set()


def sklearn_arrived(module: ModuleType) -> None:
    """`fit` validates the parameters first (since 1.2); before that it counts the features."""
    validate = find(module, "BaseEstimator._validate_params")
    if not tap(validate, before=_fitted):
        tap(find(module, "BaseEstimator._check_n_features"), before=_fitted)


def xgboost_models_arrived(module: ModuleType) -> None:
    """Every model of the scikit-learn kind configures its fit."""
    tap(find(module, "XGBModel._configure_fit"), before=_fitted)


def lightgbm_models_arrived(module: ModuleType) -> None:
    """Not `fit` itself: its warnings count the frames up to the caller."""
    tap(find(module, "LGBMModel._process_params"), before=_processed)


def catboost_arrived(module: ModuleType) -> None:
    """Models of every kind end in `_fit`."""
    tap(find(module, "CatBoost._fit"), before=_fitted)


def _processed(estimator: Any, stage: str = "fit") -> None:
    if stage == "fit":
        _fitted(estimator)


def xgboost_train_arrived(module: ModuleType) -> None:
    """The native interface of XGBoost."""
    tap(find(module, "train"), before=_trainer("xgboost.train"))


def lightgbm_train_arrived(module: ModuleType) -> None:
    """The native interface of LightGBM."""
    tap(find(module, "train"), before=_trainer("lightgbm.train"))


def _fitted(estimator: Any, *_: object, **__: object) -> None:
    frame = sys._getframe(1)
    if _within_another_fit(frame, estimator):
        return
    kind = type(estimator)
    _tell(_public(kind), estimator.get_params(deep=True), outside(frame, *_LIBRARIES))


def _within_another_fit(frame: FrameType | None, estimator: object) -> bool:
    """Returns True when another estimator's `fit` calls: a search or forest tells for its parts."""
    while frame is not None:
        names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
        method = frame.f_code.co_name in ("fit", "wrapper", "fit_transform", "partial_fit")
        if names and method and frame.f_globals.get("__name__", "").startswith(_LIBRARIES):
            owner = frame.f_locals.get(names[0])
            if owner is not estimator and hasattr(type(owner), "get_params"):
                return True
        frame = frame.f_back
    return False


def _trainer(name: str) -> Any:
    def before(params: Any, *given: Any, **named: Any) -> None:
        frame = sys._getframe(2)
        caller = outside(frame, "contextlib")
        while caller is not None and caller.f_code.co_name in ("inner_f", "wrapper"):
            caller = caller.f_back
        if caller is None or caller.f_globals.get("__name__", "").startswith(name[:8]):
            return  # a model of the scikit-learn kind, which has told already
        rounds = given[1:2] or (named.get("num_boost_round", 100),)
        _tell(name, dict(params, num_boost_round=rounds[0]), caller)

    return before


def _tell(name: str, params: Any, frame: FrameType | None) -> None:
    inner = inside()
    texts = {key: inner.redacted(key, value) for key, value in params.items()}
    known = name + diary.encode(texts)
    if known in _seen or len(_seen) >= _MOST:
        return
    _seen.add(known)
    diary.note(
        {
            "k": "estimator",
            "cls": name,
            "params": texts,
            "file": frame.f_code.co_filename if frame else "",
            "line": frame.f_lineno if frame else 0,
        }
    )


def _public(kind: type) -> str:
    """Returns the name people import: `sklearn.ensemble.RandomForestClassifier`."""
    parts = kind.__module__.split(".")
    for length in range(1, len(parts)):
        module = sys.modules.get(".".join(parts[:length]))
        if module is not None and vars(module).get(kind.__qualname__) is kind:
            return ".".join([*parts[:length], kind.__qualname__])
    return kind.__module__ + "." + kind.__qualname__
