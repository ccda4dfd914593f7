"""Seed: random state from outside the source, at its origin, and what became of each generator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sestina.ingredients.claims import split
from sestina.ingredients.seed.describe import sown
from sestina.ingredients.seed.names import is_seed_key, is_seed_name
from sestina.ingredients.seed.sowings import sowings
from sestina.ingredients.shelf import ingredient
from sestina.records.observation import Observation
from sestina.records.paths import Roots
from sestina.records.settings import Settings
from sestina.records.testimony import Draws, DrawSite, EstimatorSeen, SeedSet
from sestina.records.testimony import Testimony as Said
from sestina.store.repo import Repo
from sestina.testing.ingredients import IngredientConformance, observe

SEED = ingredient("seed")


class TestSeed(IngredientConformance):
    ingredient = SEED

    def observation(self, folder: Path) -> Observation:
        (folder / "c.toml").write_bytes(
            b"seed = 17\n[model]\nrandom_state = [1, 2] # two\nlr = 0.1\n"
        )
        (folder / "settings.py").write_bytes(b"SEED = 4\nMODEL = {'seed': 5, 'depth': 3}\n")
        seen = observe(folder, {"c.toml": "config", "settings.py": "code"})
        return replace(
            seen, argv=(*seen.argv, "--seed", "3", "--lr=1"), environ={"PYTHONHASHSEED": "0"}
        )

    def altered(self, folder: Path) -> Observation:
        seen = self.observation(folder)
        for name in ("c.toml", "settings.py"):
            text = (folder / name).read_bytes()
            changed = text.replace(b"17", b"0x11").replace(b"[1,", b"[3,").replace(b"5", b"6")
            (folder / name).write_bytes(changed)
        return replace(seen, argv=(*seen.argv[:-2], "4", "--lr=1"), environ={"MY_SEED": "1"})


def record(seen: Observation, repo: Repo) -> str:
    return SEED.gather(split(seen, Settings())["seed"], repo).record


def test_what_differs_is_told_where_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    suite = TestSeed()
    with Repo.open("memory:") as repo:
        a = record(suite.observation(tmp_path / "a"), repo)
        b = record(suite.altered(tmp_path / "b"), repo)
        changes = SEED.diff(a, b, repo).changes
    assert [
        (one.place.kind, one.place.name, one.before, one.after, one.cosmetic) for one in changes
    ] == [
        ("argument", "--seed", "3", "4", False),
        ("variable", "MY_SEED", None, "1", False),
        ("variable", "PYTHONHASHSEED", "0", "unset", False),
        ("key", "model.random_state", "[1,2]", "[3,2]", False),
        ("key", "seed", "17", "17", True),
        ("key", "MODEL.seed", "5", "6", False),
    ]


def test_an_unset_hash_seed_is_said(tmp_path: Path) -> None:
    with Repo.open("memory:") as repo:
        told = SEED.describe(record(observe(tmp_path, {}), repo), repo)
        assert told.summary == "PYTHONHASHSEED unset"
        empty = record(observe(tmp_path, {}, environ={"PYTHONHASHSEED": ""}), repo)
        assert empty == record(observe(tmp_path, {}), repo)


def test_a_summary_fits_however_many_seeds_there_are(tmp_path: Path) -> None:
    words = tuple(f"--net{number}-seed={number}" for number in range(20))
    with Repo.open("memory:") as repo:
        seen = observe(tmp_path, {}, argv=("python", "t.py", *words))
        told = SEED.describe(record(seen, repo), repo)
    assert told.summary == "PYTHONHASHSEED unset; --net0-seed 0; --net1-seed 1; 18 more"
    assert len(told.items) == 21


@pytest.mark.parametrize(
    "name", ["seed", "SEED", "--seed", "random_state", "np-seed", "seed_everything", "randomState"]
)
def test_names_of_seeds(name: str) -> None:
    assert is_seed_name(name)


@pytest.mark.parametrize("name", ["seedling", "proceed", "exceeds", "state", "seeding_date", "lr"])
def test_names_that_are_no_seeds(name: str) -> None:
    assert not is_seed_name(name)


def test_members_of_a_table_of_seeds_are_seeds() -> None:
    assert is_seed_key(("train", "seeds", "numpy"))
    assert not is_seed_key(("seed_data", "path"))


def test_generators_are_told_with_the_seed_that_took_effect_and_the_line() -> None:
    testimony = Said(
        seeds=(SeedSet(generator="random", value="17", file="/p/train.py", line=12),),
        draws=(
            Draws(generator="random", state="seeded"),
            Draws(generator="numpy", state="untouched"),
            Draws(generator="numpy", state="unseeded draws"),
            Draws(generator="torch", state="untouched"),
            Draws(generator="cupy", state="unknown"),
        ),
        draw_sites=(
            DrawSite(generator="numpy", function="shuffle", file="/p/a.py", line=3, count=2),
        ),
    )
    found = sowings(testimony, Roots(project=b"/p"))
    assert [(one.generator, one.state, one.value, one.place) for one in found] == [
        ("cupy", "unknown", None, None),
        ("numpy", "unseeded draws", None, None),
        ("numpy", "unseeded draws", "shuffle (2)", "project:a.py:3"),
        ("random", "seeded", "17", "project:train.py:12"),
        ("torch", "untouched", None, None),
    ]
    assert [item.value for item in sown(found)][-2:] == ["seeded 17", "untouched"]


def test_a_generator_that_was_drawn_from_before_it_was_seeded_is_not_called_seeded() -> None:
    testimony = Said(
        seeds=(SeedSet(generator="random", value="1", file="", line=0),),
        draws=(Draws(generator="random", state="unseeded draws"),),
    )
    assert [one.state for one in sowings(testimony, Roots(project=b"/p"))] == ["unseeded draws"]


def told(testimony: Said) -> list[tuple[str, str, str | None, str | None]]:
    found = sowings(testimony, Roots(project=b"/p"))
    return [(one.generator, one.state, one.value, one.place) for one in found]


def test_a_generator_that_was_also_seeded_is_told_once_with_its_seeds_beside() -> None:
    seeds = tuple(
        SeedSet(generator="random", value=value, file="/p/a.py", line=line)
        for line, value in enumerate(("1", "2", "2"), 1)
    )
    drawn = (Draws(generator="random", state="seeded"),)
    assert [one[1:3] for one in told(Said(seeds=seeds, draws=drawn))] == [
        ("seeded", "1"), ("seeded", "2"), ("seeded", "2"),
    ]  # fmt: skip
    drawn += (Draws(generator="random", state="unseeded draws"),)  # in another process
    assert told(Said(seeds=seeds, draws=drawn)) == [
        ("random", "unseeded draws", "beside seeds 1, 2", None)
    ]
    assert told(Said(seeds=seeds[:1], draws=drawn)) == [
        ("random", "unseeded draws", "beside seed 1", "project:a.py:1")
    ]


def test_a_generator_seeded_by_the_machine_is_not_seeded() -> None:
    seed = SeedSet(generator="numpy.random", value="null", file="/p/a.py", line=3)
    assert told(Said(seeds=(seed,))) == [("numpy.random", "not seeded", None, "project:a.py:3")]


def test_lines_that_drew_are_no_news_of_a_generator_that_was_seeded_in_time() -> None:
    site = DrawSite(generator="numpy", function="rand", file="/p/a.py", line=3, count=2)
    drawn = Draws(generator="numpy", state="seeded")
    assert [one[1] for one in told(Said(draw_sites=(site,), draws=(drawn,)))] == ["seeded"]
    unseen = DrawSite(generator="numpy", function="no lines", file="", line=0, count=0)
    assert told(Said(draw_sites=(unseen,))) == [("numpy", "unseeded draws", "no lines", None)]


def fitted(cls: str, line: int, **params: str) -> EstimatorSeen:
    return EstimatorSeen(cls=cls, params=tuple(params.items()), file="/p/a.py", line=line)


def test_seeds_of_estimators_are_told_with_the_line_that_fitted_them() -> None:
    forest = fitted("sklearn.Forest", 12, depth="3", random_state="7", tree__random_state="8")
    boosted = fitted("lightgbm.LGBMClassifier", 13, random_state="null", bagging_seed="3")
    shared = fitted("x.Z", 14, random_state="numpy.random.mtrand.RandomState")
    assert told(Said(estimators=(forest, boosted, shared)))[:-1] == [
        ("lightgbm.LGBMClassifier", "seeded", "bagging_seed 3", "project:a.py:13"),
        ("sklearn.Forest", "seeded", "random_state 7", "project:a.py:12"),
        ("sklearn.Forest", "seeded", "tree__random_state 8", "project:a.py:12"),
    ]
    assert told(Said(estimators=(shared,)))[0][1] == "unknown"


def test_an_estimator_without_a_seed_is_a_warning_only_where_numpy_had_none() -> None:
    forest = fitted("sklearn.ensemble.Forest", 12, random_state="null")
    ridge = fitted("sklearn.linear_model.Ridge", 13, random_state="7")
    boosted = fitted("xgboost.XGBRegressor", 14, random_state="null")  # has a seed of its own
    for state in ("seeded", "untouched", "unknown"):
        seen = Said(estimators=(forest, boosted), draws=(Draws(generator="numpy", state=state),))
        assert [one[0] for one in told(seen)] == ["numpy"]
    drawn = (Draws(generator="numpy", state="unseeded draws"),)
    assert told(Said(estimators=(forest, ridge, boosted), draws=drawn)) == [
        ("numpy", "unseeded draws", None, None),
        ("sklearn.ensemble.Forest", "not seeded", "random_state null", "project:a.py:12"),
        ("sklearn.linear_model.Ridge", "seeded", "random_state 7", "project:a.py:13"),
    ]
