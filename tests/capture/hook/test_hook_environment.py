"""Variables that are looked for among all the others, not asked for by name."""

from __future__ import annotations

import pytest

SET = {"TRAIN_RATE": "1", "train_depth": "2", "OTHER": "3", "TRAINING": "4"}


def asked(told) -> dict[str, bool]:
    return {
        one.name: one.is_set
        for one in told.env_reads
        if one.name in {*SET, "TRAIN_ROUNDS", "ROUNDS"}
    }


@pytest.mark.parametrize(
    "source",
    [
        "{k: v for k, v in os.environ.items() if k.startswith('TRAIN_')}",
        "[v for k, v in dict(os.environ).items() if k.startswith(('TRAIN_', 'X_'))]",
        "list(filter(lambda item: item[0].startswith('TRAIN_'), os.environ.items()))",
        "[os.environ[k] for k in os.environ if k[:6] == 'TRAIN_']",
    ],
)
def test_variables_picked_by_how_their_names_begin_are_told(told, any_python, source):
    said = told("import os\n" + source, python=any_python, env=SET)
    assert asked(said) == {"TRAIN_RATE": True}


def test_a_loop_over_all_variables_tells_those_that_it_looks_for(told, any_python):
    source = """
        import os
        def knobs():
            "Returns what TRAIN_ says."
            found = {}
            for name, value in os.environ.items():
                if name.upper().startswith("TRAIN_"):
                    found[name] = value
            return found
        knobs()
    """
    assert asked(told(source, python=any_python, env=SET)) == {
        "TRAIN_RATE": True,
        "train_depth": True,
    }


def test_copies_of_the_environment_tell_nothing(told, any_python):
    source = """
        import os, subprocess, sys
        subprocess.run([sys.executable, "-c", "TRAIN = 1"], env={**os.environ}, check=True)
        str(os.environ), os.environ.copy(), dict(os.environ, TRAIN="1")
    """
    assert asked(told(source, python=any_python, env=SET)) == {}


def test_pydantic_settings_tell_the_variables_that_they_look_for(run):
    pytest.importorskip("pydantic_settings")
    source = """
        from pydantic import BaseModel, Field
        from pydantic_settings import BaseSettings
        class Deep(BaseModel):
            er: int = 1
        class Knobs(BaseSettings, env_prefix="TRAIN_", env_nested_delimiter="__"):
            rate: float = 0.1
            depth: int = 0
            rounds: int = Field(3, alias="ROUNDS")
            deep: Deep = Deep()
        Knobs()
    """
    ran = run(source, env={**SET, "TRAIN_DEEP__ER": "5"})
    assert ran.code == 0, ran.err
    assert asked(ran.told) == {"TRAIN_RATE": True, "train_depth": True, "ROUNDS": False}
    assert "TRAIN_DEEP__ER" in {one.name for one in ran.told.env_reads}
