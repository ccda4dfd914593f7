"""The front door is true and light, and the rooms keep to their storeys."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import sestina

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sestina"
HEAVY = {
    "asyncio", "click", "ctypes", "dataclasses", "email", "http", "inspect", "logging", "msgspec",
    "multiprocessing", "numpy", "re", "socket", "sqlite3", "subprocess", "tempfile", "typing",
    "typing_extensions", "unittest", "urllib", "yaml", "zstandard",
}  # fmt: skip
OLDEST_USER_PYTHON = (3, 8)


def newly_imported(statement: str) -> set[str]:
    """Returns the modules that a fresh interpreter loads for `statement`."""
    program = (
        "import json, sys; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(done.stdout))


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_importing_sestina_loads_next_to_nothing() -> None:
    loaded = newly_imported("import sestina")
    assert packages(loaded) & HEAVY == set()
    assert len(loaded) <= 8, sorted(loaded)


def test_what_user_code_calls_is_light_and_needs_only_the_standard_library() -> None:
    loaded = newly_imported("import sestina; sestina.metric")
    assert packages(loaded) & HEAVY == set()
    assert packages(loaded) <= sys.stdlib_module_names | {"sestina"}
    assert len(loaded) <= 10, sorted(loaded)


def test_the_command_line_starts_without_what_only_some_verbs_need() -> None:
    loaded = newly_imported("import sestina.cli")
    slow = {"asyncio", "numpy", "pandas", "pyarrow", "sqlite3", "unittest"}
    assert packages(loaded) & slow == set()


@pytest.mark.parametrize(
    "path",
    [SOURCE / "inside.py", *sorted((SOURCE / "capture" / "hook").rglob("*.py"))],
    ids=lambda path: str(path.relative_to(SOURCE)),
)
def test_what_runs_in_the_users_interpreter_is_python_3_8(path: Path) -> None:
    tree = ast.parse(path.read_bytes(), feature_version=OLDEST_USER_PYTHON)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    assert not imported & {"click", "msgspec", "yaml", "zstandard"}


def test_the_front_door_lists_exactly_what_it_opens() -> None:
    assert sestina.__all__ == sorted(sestina.__all__)
    for name in sestina.__all__:
        assert getattr(sestina, name) is not None, name
    assert set(sestina.__all__) <= set(dir(sestina))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = sestina.nonsense


def test_the_version_is_the_one_that_is_installed() -> None:
    import tomllib

    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert sestina.__version__ == stated


def test_a_room_sees_only_the_storeys_below_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert " 0 broken." in done.stdout
