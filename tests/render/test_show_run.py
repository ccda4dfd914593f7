"""The sheet of a run: defaults nobody chose, and what became of the generators."""

from __future__ import annotations

from sestina.records.answers import Item
from sestina.records.answers_show import IngredientSheet, RunSheet, ShowAnswer
from sestina.records.facts import Effective, Sowing
from sestina.render.text.ink import Ink
from sestina.render.text.show import show_text

_LISTS = (
    "metrics outputs effective estimators sowings switches machine git cost gaps peers notes"
).split()


def shown(title: str, params: tuple[Item, ...] = (), **told: object) -> list[str]:
    """Returns the lines below one title of a run's sheet."""
    run = RunSheet(
        run="2" * 64, name=None, began="2026-01-01T00:00:00Z", ended="2026-01-01T00:00:01Z",
        milliseconds=1000, actor="ann", exit=0, grade="complete (kernel)", command=("python",),
        **{**dict.fromkeys(_LISTS, ()), **told},
    )  # fmt: skip
    sheet = IngredientSheet(
        ingredient="params", record="3" * 64, custody="captured", summary="", items=params
    )
    answer = ShowAnswer(
        kind="run", name="run/22222222", id="2" * 64, names=(), said=(), recipe="4" * 64,
        purged=(), partial=False, ingredients=(sheet,), run=run, version=None, files=(), roots=(),
        fields=(),
    )  # fmt: skip
    _, found, below = show_text(answer, Ink(on=False)).partition(f"\n{title}\n")
    assert not found or below
    return below.partition("\n\n")[0].splitlines()


def sowing(generator: str, state: str, value: str | None = None, line: int = 0) -> Sowing:
    place = f"project:train.py:{line}" if line else None
    return Sowing(generator=generator, state=state, value=value, place=place)


def test_generators_without_a_seed_come_first_and_untouched_ones_are_left_out() -> None:
    forest = "sklearn.ensemble.RandomForestClassifier"
    sowings = (
        sowing("numpy", "untouched"),
        sowing("random", "unseeded draws"),
        sowing(forest, "not seeded", "random_state null", 12),
        sowing(forest, "seeded", "random_state 7", 13),
        sowing("torch.cuda", "seeded", "3", 14),
    )
    assert shown("random generators", sowings=sowings) == [
        "  random                  unseeded draws",
        "  RandomForestClassifier  not seeded      random_state null  train.py:12",
        "  RandomForestClassifier  seeded          random_state 7     train.py:13",
        "  torch.cuda              seeded          3                  train.py:14",
    ]


def test_a_key_of_a_config_is_no_default_beside_itself() -> None:
    def one(by: str, name: str, value: str) -> Effective:
        return Effective(by=by, name=name, value=value, given=False)

    depth = Item(name="depth", value="3", remark="project:conf/model/small.yaml")
    effective = (
        one("argparse", "depth", "3"),
        one("hydra", "model.depth", "3"),
        one("hydra", "model.width", "4"),
    )
    assert shown("defaults that were used", (depth,), effective=effective) == [
        "  depth        3  argparse",
        "  model.width  4  hydra",
    ]
