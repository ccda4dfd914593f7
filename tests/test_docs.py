"""What the documentation says is so: links lead somewhere, commands exist, pages are complete."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import importlib
import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sestina"
REFERENCE = ROOT / "docs" / "reference"
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FAMILIES = "not-found|invalid-input|conflict|refused|corrupt|unavailable|unsupported|bug"
CODE = re.compile(rf"(?:{FAMILIES})/[a-z][a-z0-9-]*")


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text("utf-8"))


# --- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_file_that_is_named_exists(page: Path) -> None:
    paths = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md|toml))`", prose(page))
    assert [
        path for path in paths if not any((top / path).exists() for top in (SOURCE, ROOT))
    ] == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- commands -----------------------------------------------------------------------------------


def commands_shown() -> list[tuple[str, str]]:
    """Returns every `sestina …` and `make …` line of a shell block, with its page."""
    shown = []
    for page in pages():
        for language, block in FENCE.findall(page.read_text("utf-8")):
            if language not in {"sh", "console", "bash"}:
                continue
            for line in block.replace("\\\n", " ").splitlines():
                command = line.removeprefix("$ ") if language == "console" else line
                if language == "console" and not line.startswith("$ "):
                    continue
                if command.startswith(("sestina ", "make ")):
                    shown.append((named(page), command))
    return shown


@pytest.mark.parametrize(("page", "line"), commands_shown())
def test_every_command_shown_is_one_that_exists(page: str, line: str) -> None:
    words = shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True)
    if words[0] == "make":
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
        assert set(words[1:]) <= targets, page
    else:
        parse(words[1:])


def parse(words: list[str]) -> None:
    """Parses the words as click would, without calling any command."""
    command: click.Command = root()
    context = click.Context(command, info_name="sestina")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, name
        command, context = found, click.Context(found, context, info_name=name)
    if "--help" not in words and "--version" not in words:
        command.make_context(command.name, list(words))


def root() -> click.Group:
    from sestina.cli import root as group

    assert isinstance(group, click.Group)
    return group


# --- examples -----------------------------------------------------------------------------------


def modules_with_examples() -> list[str]:
    return [
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        for path in sorted(SOURCE.rglob("*.py"))
        if b">>> " in path.read_bytes() and "demo_project" not in path.parts
    ]


@pytest.mark.parametrize("module", modules_with_examples())
def test_every_example_in_a_docstring_runs(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module.removesuffix(".__init__")))
    assert outcome.attempted
    assert outcome.failed == 0


# --- pages that are made from the code ----------------------------------------------------------


def made_by(generator: str, name: str) -> Any:
    """Returns what the function `name` of a generator in docs/ gives."""
    return runpy.run_path(str(ROOT / "docs" / generator))[name]()


def test_the_command_line_page_is_what_the_commands_say() -> None:
    page = made_by("generate_cli.py", "page")
    assert (REFERENCE / "cli.md").read_text("utf-8") == page, "run: make docs"


def test_the_schemas_are_those_of_the_answers() -> None:
    written = {path.name: path.read_text("utf-8") for path in (REFERENCE / "schemas").iterdir()}
    assert written == made_by("generate_schemas.py", "schemas"), "run: make docs"


def test_every_error_code_is_documented_and_no_other() -> None:
    documented = set(re.findall(rf"^\| `({CODE.pattern})`", read("errors.md"), re.MULTILINE))
    raised = {text for path in SOURCE.rglob("*.py") for text in literal_codes(path)}
    assert sorted(raised - documented) == []
    assert sorted(documented - raised) == []


def test_error_codes_are_written_out_so_that_they_can_be_searched() -> None:
    made = re.compile(rf"(?:{FAMILIES})/[a-z0-9-]*$")
    found = [
        f"{named(path)}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.JoinedStr) and len(node.values) > 1
        for first in node.values[:1]
        if isinstance(first, ast.Constant) and made.fullmatch(str(first.value))
    ]
    assert found == []


def test_every_finding_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([a-z-]+/[a-z-]+)`", read("errors.md"), re.MULTILINE))
    made = {
        str(word.value.value)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "code" and isinstance(word.value, ast.Constant)
    }
    assert sorted(made - documented) == []
    findings = {code for code in documented if not re.match(FAMILIES, code)}
    assert sorted(findings - made) == []


def literal_codes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)):
            yield str(node.value)


def test_every_kind_of_record_is_specified() -> None:
    from sestina.records import codec

    headings = set(re.findall(r"^### `([a-z]+)`", read("format.md"), re.MULTILINE))
    assert headings == set(codec.KINDS)


def test_every_field_of_every_record_is_specified_and_no_other() -> None:
    from sestina.records import codec

    sections = re.split(r"^### ", read("format.md"), flags=re.MULTILINE)[1:]
    for where in codec.KINDS.values():
        module, name = where.split(":")
        record = getattr(importlib.import_module(module), name)
        section = next(part for part in sections if part.startswith(f"`{record.KIND}`"))
        table = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        assert table == {field.name for field in dataclasses.fields(record)}, record.KIND


def test_every_setting_is_documented_and_no_other() -> None:
    from sestina.records import settings

    known = set(settings._TOP) - {"secrets", "datasets", "models"}
    known |= {f"secrets.{key}" for key in settings._SECRETS}
    known |= {"datasets.NAME"} | {f"models.NAME.{key}" for key in settings._MODEL}
    listed = re.findall(r"^\| `([a-z_.A-Z]+)` \|", read("settings.md"), re.MULTILINE)
    assert {key for key in listed if key not in variables_documented()} == known


def test_every_variable_of_ours_is_documented_and_no_other() -> None:
    source = " ".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    read_or_set = set(re.findall(r"SESTINA_[A-Z_]*[A-Z]", source))
    documented = {name for name in variables_documented() if name.startswith("SESTINA_")}
    assert read_or_set == documented


def variables_documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", read("settings.md"), re.MULTILINE))


def test_the_example_of_settings_is_valid() -> None:
    from sestina.records import settings

    [example] = [block for language, block in FENCE.findall(read("settings.md")) if language]
    parsed = settings.parse(tomllib.loads(example), "the example")
    assert parsed.model("fraud").primary == "auc"


def test_the_six_ingredients_and_the_chief_nouns_are_in_the_glossary() -> None:
    from sestina.records import codec
    from sestina.records.ingredient import NAMES

    words = set(re.findall(r"^\| ([^|]+?) \|", read("glossary.md"), re.MULTILINE))
    words = {word for cell in words for word in cell.split(", ")}
    internal = {"facts"}  # the record of many a fact
    assert set(NAMES) - {"features"} <= words
    assert set(codec.KINDS) - internal - {"features", "note"} <= words


def read(page: str) -> str:
    return (REFERENCE / page).read_text("utf-8")
