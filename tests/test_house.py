"""The rules of the house: size, names and words of every file that is ours."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sestina"
HARD_CAP, SOFT_CAP, MEDIAN = 500, 250, 150
NAMELESS = {"utils", "helpers", "common", "misc", "base", "manager", "service"}
CORE = {"click", "msgspec", "yaml", "zstandard"}
FOREIGN_ROOM = "interop"
OURS = {"sestina", "_sestina_hook", "sitecustomize"}
STDLIB = sys.stdlib_module_names


def sources(room: Path = SOURCE) -> list[Path]:
    return sorted(path for path in room.rglob("*.py") if "demo_project" not in path.parts)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        files = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:  # an unpacked source archive
        hidden = {".git", ".venv", "__pycache__"}
        files = [path for path in ROOT.rglob("*") if not hidden & set(path.parts)]
    return [path for path in files if path.is_file()]


def length(path: Path) -> int:
    return len(path.read_bytes().splitlines())


# --- size --------------------------------------------------------------------------------------


def test_no_file_is_longer_than_500_lines() -> None:
    python = sources() + sources(ROOT / "tests") + sources(ROOT / "benchmarks")
    assert {named(path): length(path) for path in python if length(path) > HARD_CAP} == {}


def test_the_median_file_is_at_most_150_lines() -> None:
    assert statistics.median(length(path) for path in sources()) <= MEDIAN


def test_files_beyond_the_soft_cap_are_few_and_reported() -> None:
    long = {named(path): length(path) for path in sources() if length(path) > SOFT_CAP}
    if long:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(f"beyond {SOFT_CAP} lines: {long}", stacklevel=1)
    assert len(long) <= len(sources()) // 10


def test_the_architecture_is_told_in_150_lines() -> None:
    assert length(ROOT / "ARCHITECTURE.md") <= 150


# --- names -------------------------------------------------------------------------------------


def test_every_file_has_a_name_that_says_what_it_holds() -> None:
    refused = NAMELESS | refused_words()
    assert [named(path) for path in sources() if refused & set(words(path.stem))] == []
    assert [named(path) for path in SOURCE.rglob("*/") if refused & set(words(path.name))] == []


def test_the_refused_words_name_nothing_of_ours() -> None:
    refused = refused_words()
    found = [
        f"{named(path)}:{line} {name}"
        for path in sources()
        if FOREIGN_ROOM not in path.parts
        for line, name in public_names(ast.parse(path.read_bytes()))
        if refused & set(words(name))
    ]
    assert found == []


def refused_words() -> set[str]:
    """Returns the words of the glossary's last section, which is where people look them up."""
    glossary = (ROOT / "docs/reference/glossary.md").read_text("utf-8")
    section = glossary.split("## Names that nothing of ours has")[1]
    refused = set(re.findall(r"`([a-z]+)`", section)) - {FOREIGN_ROOM}
    assert {"artifact", "experiment", "oid"} <= refused
    return refused


def words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def public_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.lineno, node.name
            for part in node.body:
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    yield part.lineno, part.target.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
            taken = node.args
            for argument in taken.posonlyargs + taken.args + taken.kwonlyargs:
                yield argument.lineno, argument.arg


# --- what a file may hold ----------------------------------------------------------------------


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    machine = re.compile(rb"(?<![\w.\-])/(?:work|root|opt/pypi)/[\w.]")
    found = [
        f"{named(path)}: {match.group().decode()}"
        for path in tracked()
        for match in machine.finditer(path.read_bytes())
    ]
    assert found == []


def test_no_module_executes_what_it_reads() -> None:
    found = [
        f"{named(path)}:{node.lineno} {called}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        for called in [dotted(node.func)]
        if called in EXECUTES or any(dotted_shell(word) for word in node.keywords)
    ]
    assert found == []


EXECUTES = {
    "eval", "exec", "os.system", "os.popen", "runpy.run_path", "runpy.run_module",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "joblib.load", "cloudpickle.load",
    "cloudpickle.loads", "dill.load", "marshal.load", "marshal.loads", "torch.load", "skops.load",
    "yaml.load", "yaml.full_load", "yaml.unsafe_load", "shelve.open",
}  # fmt: skip


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dotted_shell(word: ast.keyword) -> bool:
    return word.arg == "shell" and not (
        isinstance(word.value, ast.Constant) and word.value.value is False
    )


def test_core_modules_need_four_packages_and_only_the_command_line_knows_click() -> None:
    found = []
    for path in sources():
        tree = ast.parse(path.read_bytes())
        later = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) or is_for_type_checkers(function)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            for package in imported(node):
                lazy = id(node) in later
                if package in OURS | STDLIB or (lazy and package not in CORE):
                    continue
                if package not in CORE or (package == "click" and not at_the_edge(path)):
                    found.append(f"{named(path)}:{node.lineno} {package}")
    assert found == []


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and dotted(node.test) == "TYPE_CHECKING"


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name.partition(".")[0] for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []


def at_the_edge(path: Path) -> bool:
    return path.relative_to(SOURCE).parts[0] in {"cli", "__main__.py"}


def test_there_are_exactly_four_protocols() -> None:
    found = [
        node.name
        for path in sources()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ClassDef) and "Protocol" in {dotted(base) for base in node.bases}
    ]
    assert sorted(found) == ["Backend", "Catalog", "Ingredient", "Observer"]


@pytest.mark.parametrize("path", sources(), ids=named)
def test_every_module_says_what_it_is_and_postpones_annotations(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    assert ast.get_docstring(tree)
    annotated = any(isinstance(node, ast.AnnAssign | ast.FunctionDef) for node in ast.walk(tree))
    assert not annotated or any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
    )
