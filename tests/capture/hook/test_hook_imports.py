"""Imports: what libraries draw while they are imported, and that nobody sees who watches."""

from __future__ import annotations

from pathlib import Path

import pytest

INSTALLED = {
    "drawing": "import random; random.random()",
    "sowing": "import random; random.random(); random.seed(5)",
    "numbers_drawn": "import numpy; numpy.random.rand(3)",
    "calls_back": "import mine",
    "broken": "import random; random.random(); raise ImportError('no GPU here')",
    "mistaken": "import broken_below",
    "broken_below": "1 / 0",
    "argparse": "1 / 0",
    "unreadable": "def (",
}
TRY = "try: import broken\nexcept ImportError: import random\n"


@pytest.fixture
def library(tmp_path: Path) -> dict[str, str]:
    """Returns an environment in which those modules are installed, and `mine` is the project's."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    for name, text in INSTALLED.items():
        (folder / f"{name}.py").write_text(text)
    (tmp_path / "mine.py").write_text("import random; random.random()")
    return {"PYTHONPATH": str(folder)}


def fate(ran, generator: str) -> str:
    assert (ran.code, ran.err) == (0, "")
    return next(one.state for one in ran.told.draws if one.generator == generator)


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("import drawing", "untouched"),
        ("import random, drawing", "untouched"),
        ("import random, drawing; random.random()", "unseeded draws"),
        ("import random; random.random(); import drawing", "unseeded draws"),
        ("import random, drawing; random.seed(3); random.random()", "seeded"),
        ("import random; random.seed(3); import drawing", "seeded"),
        ("import random, sowing; random.random()", "seeded"),
        ("import mine", "unseeded draws"),
        ("import calls_back", "unseeded draws"),
        (TRY, "untouched"),
        (TRY + "random.random()", "unseeded draws"),
    ],
)
def test_what_a_library_draws_while_it_is_imported_is_no_draw_of_the_program(
    run, library, source, state, any_python
) -> None:
    assert fate(run(source, env=library, python=any_python), "random") == state


def test_a_draw_in_a_thread_is_not_excused_by_an_import_in_another(run, library) -> None:
    source = """
        import random, threading
        go, done = threading.Event(), threading.Event()
        def work(): go.wait(); random.random(); done.set()
        threading.Thread(target=work).start()
        import builtins; builtins.go, builtins.done = go, done
        import waits
    """
    waits = Path(library["PYTHONPATH"]) / "waits.py"
    waits.write_text("go.set(); done.wait()")
    assert fate(run(source, env=library), "random") == "unseeded draws"


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("import numbers_drawn", "untouched"),
        ("import numbers_drawn, numpy as np; np.random.rand(3)", "unseeded draws"),
        ("import numpy as np; np.random.rand(3); import numbers_drawn", "unseeded draws"),
        ("import numbers_drawn, numpy as np; np.random.seed(3); np.random.rand(3)", "seeded"),
        ("import numpy as np; np.random.seed(3); import numbers_drawn", "seeded"),
        ("import numpy as np; np.random.rand(3); import csv; np.random.seed(3)", "unseeded draws"),
    ],
)
def test_what_a_library_draws_from_numpy_while_it_is_imported(run, library, source, state) -> None:
    pytest.importorskip("numpy")
    assert fate(run(source, env=library), "numpy") == state


def test_a_program_that_only_imports_sklearn_draws_nothing(run) -> None:
    pytest.importorskip("sklearn")
    ran = run("import sklearn.ensemble, sklearn.model_selection")
    assert (fate(ran, "random"), fate(ran, "numpy")) == ("untouched", "untouched")


@pytest.mark.parametrize("name", ["broken", "mistaken", "argparse", "unreadable", "absent"])
@pytest.mark.parametrize("how", ["import {}", "import importlib; importlib.import_module('{}')"])
def test_an_import_that_fails_looks_as_it_does_without_the_hook(
    run, library, name, how, any_python
) -> None:
    source = "def load():\n    " + how.format(name) + "\nload()\n"
    hooked = run(source, env=library, python=any_python)
    bare = run(source, env=library, python=any_python, hooked=False)
    assert (hooked.code, hooked.out) == (bare.code, bare.out)
    assert hooked.err == bare.err
    assert hooked.code == 1
