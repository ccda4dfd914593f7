"""One verb, three names that agree: a function in Python, a command, and `--json` on it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import click
import pytest

import sestina

SOURCE = Path(__file__).parents[1] / "src" / "sestina"
VERBS = (
    "init run log show diff lineage cat status restore note version tag check purge du doctor"
).split()
OF_THE_COMMAND_LINE = set("as_json quiet repo at exit_code svg cosmetic".split())
"""Options about where to look and how to print; a Python caller passes a repo and gets a record."""
OF_PYTHON = {"repo", "progress"}


def root() -> click.Group:
    from sestina.cli import root as group

    assert isinstance(group, click.Group)
    return group


def commands(group: click.Group | None = None, words: str = "") -> dict[str, click.Command]:
    """Returns every command that does something, by the words that call it."""
    group = group or root()
    context = click.Context(group, info_name="sestina")
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            found |= commands(command, f"{words}{name} ")
            if command.invoke_without_command:
                found[words + name] = command
        else:
            found[words + name] = command
    return found


def option_names(command: click.Command) -> set[str]:
    return {parameter.name or "" for parameter in command.params}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_one_file_with_one_public_function_of_its_name(verb: str) -> None:
    tree = ast.parse((SOURCE / "verbs" / f"{verb}.py").read_bytes())
    public = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert verb in public or len(public) == 1
    assert verb in sestina.__all__
    assert callable(getattr(sestina, verb))


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_command(verb: str) -> None:
    assert any(words.split()[0] == verb for words in commands())


@pytest.mark.parametrize("verb", VERBS)
def test_the_doors_of_a_verb_take_the_same_words(verb: str) -> None:
    signature = inspect.signature(getattr(sestina, verb))
    python = {
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    } - OF_PYTHON
    spoken: set[str] = set()
    for words, command in commands().items():
        if words.split()[0] == verb:
            spoken |= option_names(command)
    assert sorted(python - spoken) == [], "options that only Python takes"
    every = set(signature.parameters)
    assert sorted(spoken - every - OF_THE_COMMAND_LINE) == [], "words that only the command takes"


def test_every_command_that_answers_can_answer_in_json() -> None:
    silent = {"demo"}
    without = [
        words
        for words, command in commands().items()
        if not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert sorted(set(without) - silent) == []


def test_every_command_and_every_option_is_explained() -> None:
    bare = []
    for words, command in commands().items():
        if not command.help:
            bare.append(words)
        bare += [
            f"{words} {parameter.opts[0]}"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.help
        ]
    assert bare == []


def test_the_help_uses_the_words_of_the_glossary() -> None:
    refused = {"artifact", "experiment", "hyperparameter", "checksum", "digest", "ledger", "oid"}
    found = []
    for words, command in commands().items():
        options = [getattr(parameter, "help", None) for parameter in command.params]
        for text in filter(None, [command.help, *options]):
            plain = {word.strip(".,:;()`'").rstrip("s").lower() for word in text.split()}
            found += [f"{words}: {word}" for word in sorted(plain & refused)]
    assert found == []


def test_every_public_function_says_what_it_returns() -> None:
    silent = [
        name
        for name in sestina.__all__
        if inspect.isfunction(getattr(sestina, name))
        and not (getattr(sestina, name).__doc__ or "").strip()
    ]
    assert silent == []
