"""Effective values after defaults, as each parser settled them."""

from __future__ import annotations

import pytest


def effective(seen, by):
    return {one.name: (one.value, one.given) for one in seen.effective if one.by == by}


def test_a_subcommand_tells_its_options_with_those_of_the_program(told, any_python) -> None:
    source = """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--seed", type=int, default=0)
        commands = parser.add_subparsers(dest="command")
        train = commands.add_parser("train")
        train.add_argument("--depth", "-d", type=int, default=3)
        train.add_argument("--fast", action="store_true")
        other = commands.add_parser("other")
        other.add_argument("--depth", type=int, default=9)
        train.set_defaults(run=print)
        parser.parse_args(["--seed", "7", "train", "-d", "3"])
    """
    seen = told(source, python=any_python)
    values = effective(seen, "argparse")
    assert values["seed"] == ("7", True)
    assert values["depth"] == ("3", True)
    assert values["fast"] == ("false", False)
    assert values["run"] == ("builtins.print", False)
    assert len(seen.effective) == len(values) == 5
    assert {one.option for one in seen.effective if one.name == "depth"} == {"--depth"}


def test_a_mistaken_command_line_ends_as_it_would_without_the_hook(run, any_python) -> None:
    source = """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--lr", type=float)
        parser.parse_args()
    """
    hooked = run(source, "--lr", "x", python=any_python)
    bare = run(source, "--lr", "x", python=any_python, hooked=False)
    assert (hooked.code, hooked.out, hooked.err) == (bare.code, bare.out, bare.err)
    assert hooked.code == 2
    assert hooked.told.effective == ()


def test_values_have_one_text_each(told) -> None:
    source = """
        import argparse, enum, pathlib
        class Kind(enum.Enum):
            FAST = "fast"
        parser = argparse.ArgumentParser()
        for name, default in {"none": None, "flag": True, "path": pathlib.Path("a/b"),
                              "list": [1, 0.5],
                              "kind": Kind.FAST, "set": {"b", "a"}, "object": object(),
                              "max_tokens": 5, "hf_token": "x"}.items():
            parser.add_argument("--" + name, default=default)
        parser.parse_args([])
    """
    assert {name: value for name, (value, _) in effective(told(source), "argparse").items()} == {
        "none": "null", "flag": "true", "path": "a/b", "list": "[1, 0.5]", "kind": "fast",
        "set": '["a", "b"]', "object": "builtins.object", "max_tokens": "5",
        "hf_token": "<withheld>",
    }  # fmt: skip


def test_click_tells_each_command_and_where_a_value_came_from(run) -> None:
    pytest.importorskip("click")
    source = """
        import click

        @click.group()
        @click.option("--verbose/--quiet", default=False)
        def main(verbose): pass

        @main.command()
        @click.option("-l", "--lr", default=0.1)
        @click.option("--folds", default=5, envvar="FOLDS")
        @click.argument("data")
        def train(**given): print(given)

        main()
    """
    ran = run(source, "train", "--lr", "0.1", "d.csv", env={"FOLDS": "7"})
    assert effective(ran.told, "click") == {
        "verbose": ("false", False),
        "lr": ("0.1", True),
        "folds": ("7", True),
        "data": ("d.csv", True),
    }
    assert {one.option for one in ran.told.effective} == {"--verbose", "--lr", "--folds", None}
    bare = run(source, "train", "--lr", "0.1", "d.csv", env={"FOLDS": "7"}, hooked=False)
    assert (ran.code, ran.out, ran.err) == (bare.code, bare.out, bare.err)


def test_hydra_tells_the_composed_config_by_dotted_key(run, tmp_path) -> None:
    pytest.importorskip("hydra")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/config.yaml").write_text(
        "model:\n  depth: 3\n  lr: 0.1\nfolds: 5\ncopy: ${folds}\npassword: hush\n"
    )
    source = """
        import hydra
        @hydra.main(config_path="conf", config_name="config", version_base=None)
        def main(cfg): print(cfg.model.depth, type(cfg))
        main()
    """
    argv = ("model.depth=7", "hydra.output_subdir=null", "hydra.run.dir=.", "+extra=x")
    ran = run(source, *argv)
    assert effective(ran.told, "hydra") == {
        "model.depth": ("7", True),
        "model.lr": ("0.1", False),
        "folds": ("5", False),
        "copy": ("5", False),
        "extra": ("x", True),
        "password": ("<withheld>", False),
    }
    assert (ran.code, ran.out) == (0, run(source, *argv, hooked=False).out)
    assert {one.by for one in ran.told.effective} == {"hydra"}  # not of its own argparse


def test_a_parser_of_a_library_that_is_no_parser_itself_is_told(run, tmp_path) -> None:
    (tmp_path / "trainer.py").write_text(
        "import argparse\n"
        "def main():\n"
        "    parser = argparse.ArgumentParser()\n"
        "    parser.add_argument('--epochs', default=3)\n"
        "    parser.parse_args()\n"
    )
    ran = run("import trainer; trainer.main()")
    assert effective(ran.told, "argparse") == {"epochs": ("3", False)}


def test_omegaconf_calls_no_resolver_of_the_program(run) -> None:
    pytest.importorskip("omegaconf")
    source = """
        from omegaconf import OmegaConf
        OmegaConf.register_new_resolver("once", lambda: print("called"))
        base = OmegaConf.create({"lr": 0.1, "model": {"depth": 3}, "x": "${once:}"})
        OmegaConf.merge(base, OmegaConf.from_cli())
    """
    ran = run(source, "model.depth=5")
    assert (ran.code, ran.out) == (0, "")
    assert effective(ran.told, "omegaconf") == {
        "lr": ("0.1", False),
        "model.depth": ("5", True),
        "x": ("${once:}", False),
    }


def test_pydantic_settings_tell_which_fields_were_given(run) -> None:
    pytest.importorskip("pydantic_settings")
    source = """
        from pydantic import SecretStr
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            depth: int = 3
            lr: float = 0.1
            dsn: SecretStr = "postgres://u:p@h/d"
        print(Settings(lr=0.2))
    """
    ran = run(source, env={"DEPTH": "9"})
    values = effective(ran.told, "pydantic-settings")
    assert values["depth"] == ("9", True)
    assert values["lr"] == ("0.2", True)
    assert "postgres" not in values["dsn"][0]
    assert ran.out == run(source, env={"DEPTH": "9"}, hooked=False).out
