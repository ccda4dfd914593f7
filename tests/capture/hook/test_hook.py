"""The hook in a program's Python: what it tells, and that the program cannot tell it is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sestina.capture import testimony
from sestina.capture.hooking import environment

ARGPARSE = """
    import argparse
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", "-l", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--api-key", default="k-123")
    parser.add_argument("data", nargs="?", default="train.csv")
    print(parser.parse_args())
"""


def test_a_process_says_which_interpreter_it_is_and_that_it_ended(told, any_python) -> None:
    seen = told("import csv", python=any_python)
    [interpreter] = seen.interpreters
    assert os.path.samefile(interpreter.executable, any_python)
    assert interpreter.implementation == "cpython"
    assert seen.unfinished == ()


def test_the_modules_that_were_imported_are_told_with_their_source(told, any_python) -> None:
    seen = told("import csv, json.decoder", python=any_python)
    files = {module.name: Path(module.file) for module in seen.modules}
    assert files["__main__"].name == "train.py"
    assert files["csv"].name == "csv.py"
    assert files["json.decoder"].parts[-2:] == ("json", "decoder.py")
    assert not [name for name in files if "sestina" in name or name == "sitecustomize"]


def test_defaults_that_were_silently_used_are_told_apart_from_given_values(run, any_python) -> None:
    seen = run(ARGPARSE, "--lr", "0.5", python=any_python)
    effective = {one.name: (one.value, one.given, one.option) for one in seen.told.effective}
    assert effective == {
        "lr": ("0.5", True, "--lr"),
        "epochs": ("10", False, "--epochs"),
        "api_key": ("<withheld>", False, "--api-key"),
        "data": ("train.csv", False, None),
    }
    assert seen.out == run(ARGPARSE, "--lr", "0.5", python=any_python, hooked=False).out


def test_a_value_given_equal_to_its_default_is_given(told) -> None:
    seen = told(ARGPARSE, "-l", "0.1", "train.csv")
    assert {one.name for one in seen.effective if one.given} == {"lr", "data"}


def test_variables_asked_for_by_name_are_told_but_never_their_values(run, any_python) -> None:
    source = """
        import os
        os.environ["DATA_DIR"], os.environ.get("FOLDS"), os.getenv("LR"), "SEED" in os.environ
        dict(os.environ), {**os.environ}, os.environ.copy(), list(os.environ.items())
        [value for value in os.environ.values()], sorted(os.environ)
    """
    swept = {"SWEPT": "never told", "DATA_DIR": "hush-hush"}
    ran = run(source, python=any_python, env=swept)
    asked = {one.name: one.is_set for one in ran.told.env_reads if one.file.endswith("train.py")}
    assert asked == {"DATA_DIR": True, "FOLDS": False, "LR": False, "SEED": False}
    assert "SWEPT" not in {one.name for one in ran.told.env_reads}
    assert "hush-hush" not in "".join(path.read_text() for path in ran.folder.iterdir())


LOOKS = """
    import argparse, inspect, os, pickle, random, subprocess, sys
    import multiprocessing.process
    random.seed(3)
    for one in (argparse.ArgumentParser.parse_known_args, random.Random.seed, random.seed,
                subprocess.Popen._execute_child, type(os.environ).__getitem__):
        print(type(one), inspect.signature(one), one.__defaults__, one.__qualname__,
              sorted(vars(one)) if not inspect.ismethod(one) else one.__self__ is random._inst)
    print(inspect.getsource(random.Random.seed), pickle.dumps(argparse.ArgumentParser.parse_args))
    print(type(argparse.__loader__), argparse.__loader__ is argparse.__spec__.loader,
          vars(argparse.__spec__.loader))
    print(random.random(), sys.path, "sitecustomize" in sys.modules)
    print({k: v for k, v in os.environ.items() if not k.startswith("SESTINA")})
    print({k: v for k, v in os.environb.items() if not k.startswith(b"SESTINA")})
    print(os.open(__file__, os.O_RDONLY), type(os.environ), sys.getrecursionlimit())
"""


@pytest.mark.parametrize("shadowed", [None, "other"])
def test_a_program_that_looks_around_sees_what_it_sees_without_the_hook(
    run, any_python, shadowed, tmp_path
) -> None:
    env = {"PYTHONPATH": str(tmp_path / shadowed)} if shadowed else {}
    hooked = run(LOOKS, python=any_python, env=env)
    bare = run(LOOKS, python=any_python, env=env, hooked=False)
    assert hooked.out.splitlines() == bare.out.splitlines()
    assert (hooked.code, hooked.err) == (bare.code, bare.err) == (0, "")


@pytest.mark.parametrize("name", ["sitecustomize", "usercustomize"])
def test_a_customize_module_of_the_users_still_runs(run, any_python, tmp_path, name) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / f"{name}.py").write_text("import sys; sys.theirs = __file__\n")
    source = f"import sys; print(sys.theirs, sys.modules['{name}'].__file__)"
    env = {"PYTHONPATH": str(folder)}
    hooked = run(source, python=any_python, env=env)
    # A virtual environment has no user site, so `usercustomize` does not run in it at all.
    bare = run(source, python=any_python, env=env, hooked=False)
    assert (hooked.code, hooked.out) == (bare.code, bare.out)
    assert len(hooked.told.interpreters) == 1


def test_an_error_in_the_users_sitecustomize_is_reported_as_without_the_hook(run, tmp_path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("1 / 0\n")
    env = {"PYTHONPATH": str(folder)}
    hooked, bare = run("", env=env), run("", env=env, hooked=False)
    assert "division by zero" in bare.err
    assert hooked.err == bare.err


@pytest.mark.parametrize("flag", ["-I", "-S", "-E"])
def test_a_python_that_refuses_the_hook_runs_without_it(run, any_python, flag) -> None:
    ran = run("print(7)", python=any_python, flags=(flag,))
    assert (ran.code, ran.out, ran.err) == (0, "7\n", "")
    assert ran.told.interpreters == ()


def test_pythons_too_old_for_the_hook_start_in_silence(tmp_path) -> None:
    homes = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    pythons = [path for home in homes for path in home.glob("[23].[67].*/bin/python")]
    if not pythons:
        pytest.skip("no Python before 3.8 here")
    env = environment(os.environ, folder=tmp_path, run="r1")
    for old_python in pythons:
        done = subprocess.run([old_python, "-c", "print(1)"], env=env, capture_output=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"1\n", b"")


def test_names_that_are_not_utf8_reach_us_whole(run, tmp_path) -> None:
    odd = os.fsdecode(b"m\xff\n.py")
    (tmp_path / odd).write_text("x = 1\n")
    source = """
        import importlib.util, os, sys
        name = os.fsdecode(b"m\\xff\\n.py")
        spec = importlib.util.spec_from_file_location("odd", name)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module); sys.modules["odd"] = module
    """
    seen = run(source).told
    assert [os.fsencode(one.file) for one in seen.modules if one.name == "odd"] == [
        os.fsencode(tmp_path / odd)
    ]


def test_a_killed_process_leaves_what_it_had_told(run) -> None:
    source = """
        import os, signal, sestina
        sestina.metric("auc", 0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    ran = run(source)
    assert ran.code == -9
    assert [one.value for one in ran.told.metrics] == ["0.5"]
    assert ran.told.unfinished == (ran.told.interpreters[0].pid,)


def test_a_folder_that_went_away_harms_nobody(run) -> None:
    source = """
        import os, shutil
        shutil.rmtree(os.environ["SESTINA_HOOK"])
        import argparse; argparse.ArgumentParser().parse_args([]); print("done")
    """
    ran = run(source)
    assert (ran.code, ran.out, ran.err) == (0, "done\n", "")


def test_torn_and_hostile_lines_are_counted_and_the_rest_is_read(run, tmp_path) -> None:
    ran = run("import sestina; sestina.metric('auc', 1)")
    [file] = ran.folder.iterdir()
    hostile = [
        '{"k":"metric"', "[]", "\xff\xfe", '{"k":"metric","name":3,"value":"1"}', "[" * 100_000,
        '{"k":"modules","files":[["m"]]}', '{"k":["x"]}', '{"k":"start","pid":"1"}',
        '{"k":"env","name":"A","set":true,"file":"\\ud800"}',
    ]  # fmt: skip
    file.write_text(file.read_text() + "\n".join(hostile), "latin-1")
    os.mkfifo(ran.folder / "1-1.jsonl")
    (ran.folder / "2-2.jsonl").symlink_to("/dev/zero")
    seen = testimony.read(ran.folder)
    assert seen.damaged_lines == len(hostile)
    assert seen.metrics == ran.told.metrics
    assert seen.interpreters == ran.told.interpreters


def test_every_line_is_plain_json(run) -> None:
    ran = run(ARGPARSE)
    for file in ran.folder.iterdir():
        for line in file.read_bytes().splitlines():
            assert json.loads(line.decode("ascii"))["k"]


def test_starting_the_hook_costs_less_than_10_ms_of_cpu(run) -> None:
    def cost(env: dict[str, str]) -> float:
        before = os.times()
        for _ in range(10):
            subprocess.run([sys.executable, "-c", ""], env=env, check=True)
        after = os.times()
        spent = after.children_user + after.children_system
        return (spent - before.children_user - before.children_system) / 10

    hooked = environment(os.environ, folder=run("").folder, run="r1")  # and is compiled by now
    added = [cost(hooked) - cost(dict(os.environ)) for _ in range(3)]
    assert min(added) < 0.01
