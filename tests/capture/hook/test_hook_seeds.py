"""Seeds, draws without a seed, and estimators as they are fitted."""

from __future__ import annotations

import sys

import pytest


def fates(seen):
    return {one.generator: one.state for one in seen.draws}


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("import random", "untouched"),
        ("import random; random.Random(3).random()", "untouched"),
        ("import random; random.random()", "unseeded draws"),
        ("import random; random.seed(3); random.random()", "seeded"),
        ("import random; random.random(); random.seed(3)", "unseeded draws"),
        ("import random; random.seed(3); random.seed(); random.random()", "unseeded draws"),
        ("import random; random.setstate(random.Random(1).getstate()); random.random()", "seeded"),
    ],
)
def test_the_fate_of_the_random_module_is_certain(told, source, state, any_python) -> None:
    assert fates(told(source, python=any_python)) == {"random": state}


def test_a_seed_is_told_with_its_line(told, any_python) -> None:
    seen = told("import random\nrandom.seed(17)\nrandom.Random(5)\n", python=any_python)
    [seed] = seen.seeds
    assert (seed.generator, seed.value, seed.line) == ("random", "17", 2)
    assert seed.file.endswith("train.py")


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("np.random", "untouched"),
        ("np.random.default_rng(3).random(5)", "untouched"),
        ("np.random.rand(5)", "unseeded draws"),
        ("np.random.rand(1_000_000)", "unseeded draws"),
        ("np.random.seed(3)", "seeded"),
        ("np.random.seed(3); np.random.rand(5)", "seeded"),
        ("np.random.set_state(np.random.RandomState(4).get_state()); np.random.rand(3)", "unknown"),
    ],
)
def test_the_fate_of_the_legacy_generator_of_numpy(told, source, state) -> None:
    pytest.importorskip("numpy")
    assert fates(told("import numpy as np; " + source))["numpy"] == state


@pytest.mark.parametrize(
    ("source", "state", "seeds"),
    [
        ("", "untouched", []),
        ("torch.rand(3)", "unseeded draws", []),
        ("torch.seed(); torch.rand(3)", "unseeded draws", []),
        ("torch.manual_seed(3); torch.rand(3)", "seeded", [("torch", "3")]),
        ("torch.cuda.manual_seed_all(4)", "untouched", [("torch.cuda", "4")]),
    ],
)
def test_the_fate_and_the_seeds_of_torch(run, source, state, seeds) -> None:
    pytest.importorskip("torch")
    seen = run("import torch; " + source).told
    assert fates(seen)["torch"] == state
    assert [(one.generator, one.value) for one in seen.seeds] == seeds
    assert ("torch.backends.cudnn.benchmark", "false") in {
        (one.name, one.value) for one in seen.switches
    }


def test_a_forked_child_answers_for_its_own_draws(run) -> None:
    source = """
        import multiprocessing, random, numpy as np
        np.random.rand(3)
        worker = multiprocessing.get_context("fork").Process(target=print, args=("worked",))
        worker.start(); worker.join()
    """
    ran = run(source)
    assert ran.out == "worked\n"
    assert {(one.generator, one.state) for one in ran.told.draws} == {
        ("numpy", "unseeded draws"),
        ("numpy", "untouched"),
        ("random", "untouched"),
    }


def test_the_lines_that_draw_are_told_when_asked(told, any_python) -> None:
    source = """
        import random
        for _ in range(3):
            random.random()
        random.shuffle([1, 2, 3])
        random.Random(4).random()
    """
    assert told(source, python=any_python).draw_sites == ()
    seen = told(source, python=any_python, trace_seed=True)
    assert {(one.function, one.line, one.count) for one in seen.draw_sites} == {
        ("random", 4, 3),
        ("shuffle", 5, 1),
    }


def test_lines_that_draw_after_a_seed_are_not_told(told, any_python) -> None:
    source = """
        import random
        random.random()
        random.seed(3)
        random.random()
        random.shuffle([1, 2])
    """
    seen = told(source, python=any_python, trace_seed=True)
    assert [(one.function, one.line) for one in seen.draw_sites] == [("random", 3)]


def test_lines_of_a_library_that_is_being_imported_are_not_told(told, tmp_path) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "drawing.py").write_text("import random; random.random()")
    seen = told(f"import sys; sys.path.append({str(folder)!r}); import drawing", trace_seed=True)
    assert seen.draw_sites == ()


FOREST = """
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    X, y = load_iris(return_X_y=True)
    RandomForestClassifier(n_estimators=3, random_state=4).fit(X, y)
    RandomForestClassifier(n_estimators=3, random_state=4).fit(X, y)
    make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=2)).fit(X, y)
"""


def test_estimators_tell_their_parameters_with_defaults_once(told) -> None:
    pytest.importorskip("sklearn")
    forest, pipeline = told(FOREST).estimators
    assert forest.cls == "sklearn.ensemble.RandomForestClassifier"
    params = dict(forest.params)
    assert (params["n_estimators"], params["random_state"]) == ("3", "4")
    assert params["bootstrap"] == "true"
    assert (forest.line, forest.file.endswith("train.py")) == (7, True)
    assert pipeline.cls == "sklearn.pipeline.Pipeline"
    assert dict(pipeline.params)["randomforestclassifier__n_estimators"] == "2"


def test_a_search_tells_for_the_estimators_it_tries(told) -> None:
    pytest.importorskip("sklearn")
    source = """
        from sklearn.datasets import load_iris
        from sklearn.linear_model import Ridge
        from sklearn.model_selection import GridSearchCV, cross_val_score
        X, y = load_iris(return_X_y=True)
        GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(X, y)
        cross_val_score(Ridge(alpha=7), X, y, cv=2)
    """
    search, ridge = told(source).estimators
    assert search.cls == "sklearn.model_selection.GridSearchCV"
    assert dict(search.params)["estimator__alpha"] == "1.0"
    assert (ridge.cls, dict(ridge.params)["alpha"], ridge.line) == (
        "sklearn.linear_model.Ridge",
        "7",
        7,
    )


BOOSTED = {
    "xgboost.train": "xgb.train({'max_depth': 2}, xgb.DMatrix(X, y), 3)",
    "xgboost.XGBRegressor": "xgb.XGBRegressor(n_estimators=3, max_depth=2).fit(X, y)",
    "lightgbm.train": "lgb.train({'max_depth': 2, 'verbose': -1}, lgb.Dataset(X, y), 3)",
    "lightgbm.LGBMRegressor": "lgb.LGBMRegressor(max_depth=2, n_estimators=3).fit(X, y)",
}


@pytest.mark.parametrize("name", BOOSTED)
def test_boosted_trees_tell_their_parameters_once(run, name) -> None:
    library = name.partition(".")[0]
    pytest.importorskip(library)
    source = f"""
        import {library} as {library[0]}gb, numpy as np
        X = np.random.default_rng(3).random((60, 3)); y = X.sum(axis=1)
        {BOOSTED[name]}
    """
    ran = run(source)
    assert ran.code == 0, ran.err
    [seen] = ran.told.estimators
    params = dict(seen.params)
    assert seen.cls == name
    assert params["max_depth"] == "2"
    assert "3" in (params.get("num_boost_round"), params.get("n_estimators"))
    assert (seen.file.endswith("train.py"), seen.line) == (True, 4)


def test_libraries_give_the_same_models_with_and_without_the_hook(run) -> None:
    pytest.importorskip("sklearn")
    source = (
        FOREST
        + """
    import pickle, hashlib
    model = RandomForestClassifier(n_estimators=3, random_state=4).fit(X, y)
    print(hashlib.sha256(pickle.dumps(model)).hexdigest())
    """
    )
    assert run(source).out == run(source, hooked=False).out


def test_the_thread_pools_of_native_libraries_are_told(told) -> None:
    pytest.importorskip("sklearn")
    runtime = {one.name: one.value for one in told("import sklearn.svm").runtime}
    assert any(name.startswith("blas.") and "threads" in value for name, value in runtime.items())


def test_numpy_draws_are_placed_where_the_interpreter_shows_them(told) -> None:
    pytest.importorskip("numpy")
    source = "import numpy as np\nnp.random.rand(3)\nnp.random.seed(1)\nnp.random.rand(3)\n"
    seen = told(source, trace_seed=True)
    sites = [one for one in seen.draw_sites if one.generator == "numpy"]
    if sys.version_info >= (3, 12) or sites[0].count:
        assert [(one.function, one.line) for one in sites] == [("rand", 2)]
    else:
        assert [one.function for one in sites] == ["lines show from 3.12 on"]


@pytest.mark.parametrize("made", ["default_rng", "PCG64", "SeedSequence"])
def test_a_generator_that_takes_its_seed_from_the_machine_is_told_with_its_line(told, made) -> None:
    pytest.importorskip("numpy")
    source = f"import secrets, numpy.random as nr\nsecrets.token_hex(16)\nnr.{made}"
    [unsown] = told(source + "()").seeds
    assert (unsown.generator, unsown.value, unsown.line) == ("numpy.random", "null", 3)
    assert told(source + "(7)").seeds == ()


@pytest.mark.parametrize("made", ["RandomState(7)", "RandomState()"])
def test_where_it_cannot_be_told_whether_there_is_a_seed_nothing_is(told, made) -> None:
    pytest.importorskip("numpy")
    assert told(f"import numpy.random as nr\nnr.{made}").seeds == ()
