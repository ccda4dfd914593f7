"""Seeds that a program sets, with the line that set them."""

from __future__ import annotations

import sys

from . import diary
from .last_resort import inside
from .taps import find, outside, tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType


def sown(generator: str, value: object, frame: FrameType | None) -> None:
    """Writes that `generator` was given a seed by the code of `frame`."""
    diary.note(
        {
            "k": "seed",
            "generator": generator,
            "value": inside().canonical(value),
            "file": frame.f_code.co_filename if frame else "",
            "line": frame.f_lineno if frame else 0,
        }
    )


def manual_seed_arrived(module: ModuleType) -> None:
    """Covers `torch.manual_seed` and what calls it; `torch.seed` draws one from the machine."""
    _watch(module, "manual_seed", "torch")


def cuda_arrived(module: ModuleType) -> None:
    """Covers seeds given to the devices alone."""
    _watch(module, "manual_seed", "torch.cuda")
    _watch(module, "manual_seed_all", "torch.cuda")


def tensorflow_arrived(module: ModuleType) -> None:
    """Covers `tf.random.set_seed`."""
    _watch(module, "set_seed", "tensorflow")


def keras_arrived(module: ModuleType) -> None:
    """Covers `keras.utils.set_random_seed`."""
    _watch(module, "set_random_seed", "keras")


def transformers_arrived(module: ModuleType) -> None:
    """Covers `transformers.set_seed`."""
    _watch(module, "set_seed", "transformers")


def lightning_arrived(module: ModuleType) -> None:
    """Covers `seed_everything`."""
    _watch(module, "seed_everything", "lightning")


def _watch(module: ModuleType, name: str, generator: str) -> None:
    def before(seed: object = None, *_: object, **__: object) -> None:
        frame = sys._getframe(2)
        if frame.f_globals.get("__name__") == "torch.random":
            return  # part of `torch.manual_seed`, which is told, or of `torch.seed`, which is none
        sown(generator, seed, outside(frame, module.__name__.partition(".")[0]) or frame)

    tap(find(module, name), before=before)
