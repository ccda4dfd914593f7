"""Env: the software that a run used, the same wherever the same wheels are installed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sestina.ingredients.shelf import ingredient
from sestina.records.ingredient import Distribution, EnvRecord
from sestina.records.observation import FileKind, Observation, SeenFile
from sestina.records.paths import Roots
from sestina.records.testimony import InterpreterSeen, ModuleSeen
from sestina.records.testimony import Testimony as Said
from sestina.store.repo import Repo
from sestina.testing.ingredients import IngredientConformance

ENV = ingredient("env")
SITE = "lib/python3.11/site-packages"


def install(
    prefix: Path, name: str, version: str, files: dict[str, bytes], **notes: object
) -> None:
    """Installs a wheel as pip does: files, scripts with the prefix in them, RECORD."""
    site = prefix / SITE
    info = f"{name}-{version}.dist-info"
    given = {f"{info}/METADATA": f"Name: {name}\nVersion: {version}\n".encode(), **files}
    own = {
        f"{info}/INSTALLER": b"pip\n",
        f"../../../bin/{name}": f"#!{prefix}/bin/python\nimport {name}\n".encode(),
    }
    if notes:
        own[f"{info}/direct_url.json"] = json.dumps(notes).encode()
    lines = [f"{info}/RECORD,,"]
    for path, text in {**given, **own}.items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
        said = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={said},{len(text)}")
    lines.append(f"{name}/__pycache__/x.cpython-311.pyc,,")
    (site / info / "RECORD").write_text("\n".join(lines) + "\n")


def prefix_in(folder: Path) -> Path:
    """Returns an environment below `folder` with three distributions."""
    prefix = folder / ".venv"
    install(prefix, "alpha", "1.0", {"alpha/__init__.py": b"a = 1\n", "alpha/data.csv": b"1\n"})
    install(prefix, "Beta_Two", "2.0", {"beta/__init__.py": b"", "google/beta.py": b"b"})
    install(prefix, "gamma", "3.0", {"gamma.py": b"", "google/gamma.py": b"g"})
    (prefix / "bin" / "python").write_bytes(b"\x7fELF python")
    (prefix / "libmath.so.1").write_bytes(b"\x7fELF math")
    (prefix / "pyvenv.cfg").write_text(f"home = {folder}\n")
    (prefix / "bin" / "activate").write_text(f"VIRTUAL_ENV={prefix}\n")
    return prefix


def seen_of(prefix: Path, *names: str, **more: Any) -> Observation:
    """Returns an observation of files of an environment by their path below `site-packages`."""
    site = prefix / SITE
    modules = tuple(ModuleSeen(name="m", file=str(site / name)) for name in names)
    run = InterpreterSeen(
        pid=1,
        executable=str(prefix / "bin" / "python"),
        prefix=str(prefix),
        base_prefix="/usr",
        version="3.11.7 (main)\n[GCC 12]",
        version_info="3.11.7",
        implementation="cpython",
        argv=(),
        path=("", str(site)),
    )
    roots = Roots(project=bytes(prefix.parent), prefix=bytes(prefix))
    given: dict[str, Any] = {
        "argv": (), "script": 0, "folder": "project:", "roots": roots, "environ": {}, "files": (),
        "testimony": Said(interpreters=(run,), modules=modules),
    }  # fmt: skip
    return Observation(**{**given, **more})


def opened(prefix: Path, name: str, kind: FileKind = "distribution", **more: Any) -> SeenFile:
    path = bytes(prefix / name)
    logical = Roots(project=bytes(prefix.parent), prefix=bytes(prefix)).logical(path)
    size = os.path.getsize(path) if os.path.exists(path) else 0
    return SeenFile(path=logical, real=path, at=path, kind=kind, rule="test", size=size, **more)


class TestEnv(IngredientConformance):
    ingredient = ENV

    def observation(self, folder: Path) -> Observation:
        prefix = prefix_in(folder)
        files = (
            opened(prefix, f"{SITE}/alpha/data.csv"),
            opened(prefix, "libmath.so.1", "library"),
            opened(prefix, "bin/alpha", "library", executable=True),
            opened(prefix, "pyvenv.cfg"),
            opened(prefix, "bin/activate"),
        )
        programs = (bytes(prefix / "bin" / "alpha"),)
        environ = {"OMP_NUM_THREADS": "2", "LC_ALL": "C\x1b", "PYTHONPATH": f"{prefix.parent}/src"}
        return seen_of(prefix, "alpha/__init__.py", files=files, programs=programs, environ=environ)

    def altered(self, folder: Path) -> Observation:
        seen = self.observation(folder)
        prefix = folder / ".venv"
        (prefix / SITE / "alpha/data.csv").write_bytes(b"2\n")
        (prefix / "libmath.so.1").write_bytes(b"\x7fELF maths")
        (prefix / "bin" / "python").write_bytes(b"\x7fELF another")
        return replace(seen, environ={"OMP_NUM_THREADS": "4"}, files=seen.files[:-3])


def held(seen: Observation) -> EnvRecord:
    with Repo.open("memory:") as repo:
        return repo.records.get(ENV.gather(seen, repo).record, EnvRecord)


def one(seen: Observation) -> Distribution:
    (found,) = held(seen).distributions
    return found


def test_only_what_was_imported_is_listed_and_a_namespace_is_shared_out(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    seen = seen_of(
        prefix,
        "google/beta.py",
        files=(
            opened(prefix, f"{SITE}/google/gamma.py"),
            opened(prefix, f"{SITE}/alpha-1.0.dist-info/METADATA"),
        ),
    )
    assert [(dist.name, dist.version, dist.state) for dist in held(seen).distributions] == [
        ("beta-two", "2.0", "verified"),
        ("gamma", "3.0", "verified"),
    ]


def test_a_modified_file_is_kept_and_named_and_the_content_is_still_the_wheels(
    tmp_path: Path,
) -> None:
    prefix = prefix_in(tmp_path)
    before = one(seen_of(prefix, "alpha/__init__.py"))
    (prefix / SITE / "alpha/__init__.py").write_bytes(b"a = 2\n")
    (prefix / SITE / "alpha/extra.py").write_bytes(b"x\n")
    with Repo.open("memory:") as repo:
        seen = seen_of(prefix, "alpha/__init__.py", "alpha/extra.py")
        record = ENV.gather(seen, repo).record
        (after,) = repo.records.get(record, EnvRecord).distributions
        assert (before.state, after.state) == ("verified", "modified")
        assert before.content == after.content
        changed = {span.name: span for span in after.changed}
        assert sorted(changed) == ["alpha/__init__.py", "alpha/extra.py"]
        assert repo.contents.read(changed["alpha/__init__.py"].blob or "") == b"a = 2\n"
        repo.read_only = True  # as every verb that reads has it
        ENV.restore(record, repo, tmp_path / "out")
    assert (tmp_path / "out/env/modified/alpha/__init__.py").read_bytes() == b"a = 2\n"
    assert (
        "alpha==1.0  # files were modified" in (tmp_path / "out/env/requirements.lock").read_text()
    )


def test_the_content_of_a_wheel_is_the_same_wherever_and_however_it_is_installed(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "deeper").mkdir(parents=True)
    one_place, other = prefix_in(tmp_path / "a"), prefix_in(tmp_path / "b" / "deeper")
    info = other / SITE / "alpha-1.0.dist-info"
    lines = (info / "RECORD").read_text().splitlines()
    extra = "alpha-1.0.dist-info/REQUESTED,sha256=x,0"
    (info / "RECORD").write_text("\r\n".join(sorted([*lines[:-1], extra])) + "\r\n")
    a, b = (one(seen_of(prefix, "alpha/__init__.py")) for prefix in (one_place, other))
    assert a == b
    install(other, "alpha", "1.0", {"alpha/__init__.py": b"a = 1\n", "alpha/data.csv": b"2\n"})
    assert one(seen_of(other, "alpha/__init__.py")).content != a.content


def test_a_moved_environment_has_the_same_record(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    before = held(TestEnv().observation(tmp_path / "here"))
    shutil.rmtree(tmp_path / "here")
    (tmp_path / "there" / "deep").mkdir(parents=True)
    after = held(TestEnv().observation(tmp_path / "there" / "deep"))
    assert before == after
    assert {setting.name: setting.value for setting in before.variables} == {
        "LC_ALL": "C\x1b",
        "OMP_NUM_THREADS": "2",
        "PYTHONPATH": "project:src",
    }
    assert [library.path for library in before.libraries] == ["prefix:libmath.so.1"]
    assert [program.path for program in before.programs] == ["prefix:bin/alpha"]


def test_an_editable_project_is_listed_with_its_source_when_it_was_imported(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    url = (tmp_path / "my lib").as_uri()
    install(prefix, "mine", "0.1", {"mine.pth": b"x"}, url=url, dir_info={"editable": True})
    assert [dist.name for dist in held(seen_of(prefix, "mine.pth")).distributions] == []
    found = one(seen_of(prefix, str(tmp_path / "my lib" / "mine.py")))
    assert found.source == "editable project:my lib"
    assert (found.name, found.content, found.state) == ("mine", None, "unverified")


@pytest.mark.parametrize(
    ("notes", "source"),
    [
        (
            {"url": "https://u:p@host/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "git+https://u:<withheld>@host/r.git@abc",
        ),
        ({"url": "https://host/a.whl", "archive_info": {}}, "https://host/a.whl"),
        ({"url": "file:///opt/a%20b.whl"}, "abs:opt/a b.whl"),
        ({"url": 3}, None),
    ],
)
def test_where_a_distribution_came_from_is_told_without_secrets(
    tmp_path: Path, notes: dict[str, object], source: str | None
) -> None:
    prefix = prefix_in(tmp_path)
    install(prefix, "direct", "1", {"direct.py": b""}, **notes)
    assert one(seen_of(prefix, "direct.py")).source == source


def test_modules_without_a_record_are_known_by_their_bytes(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    site = prefix / SITE
    (site / "loose.py").write_bytes(b"1")
    (site / "olden-1.5-py3.11.egg-info").write_text("Name: olden\nVersion: 1.5\n")
    (site / "olden").mkdir()
    (site / "olden" / "__init__.py").write_bytes(b"2")
    seen = seen_of(prefix, "loose.py", "olden/__init__.py")
    loose, olden = held(seen).distributions
    assert (loose.name, loose.version, loose.state) == ("loose", "", "unverified")
    assert [span.file for span in loose.changed] == [f"prefix:{SITE}/loose.py"]
    assert (olden.name, olden.version, olden.state) == ("olden", "1.5", "unverified")
    (site / "olden" / "__init__.py").write_bytes(b"3")
    assert held(seen).distributions[1] != olden


def test_packages_of_the_operating_system_are_taken_as_it_made_them(tmp_path: Path) -> None:
    """Debian strips the libraries of a package after RECORD was written."""
    prefix = prefix_in(tmp_path)
    os.rename(prefix / SITE, system := prefix / "lib/python3.11/dist-packages")
    seen = seen_of(prefix, str(system / "alpha/__init__.py"))
    whole = one(seen)
    (system / "alpha/__init__.py").write_bytes(b"stripped")
    stripped = one(seen)
    assert (whole.state, stripped.state) == ("verified", "unverified")
    assert (stripped.version, stripped.changed) == ("1.0", ())
    assert stripped.content not in (None, whole.content)


def test_the_shell_that_runs_a_script_is_a_program(tmp_path: Path) -> None:
    shell = tmp_path / "bin" / "dash"
    shell.parent.mkdir()
    shell.write_bytes(b"\x7fELF")
    seen = seen_of(tmp_path, files=(opened(tmp_path, "bin/dash", "library", executable=True),))
    assert [program.path for program in held(seen).programs] == ["prefix:bin/dash"]


def test_broken_records_and_names_do_not_stop_a_run(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    info = prefix / SITE / "alpha-1.0.dist-info"
    (info / "RECORD").write_bytes(b'\xff,sha256=***,\nalpha/__init__.py,sha256=no,1\n\n,,\n"a')
    (info / "direct_url.json").write_bytes(b"[" * 100_000)
    found = one(seen_of(prefix, "alpha/__init__.py"))
    assert found.state in ("modified", "unverified")
    (info / "RECORD").unlink()
    os.mkfifo(info / "RECORD")
    assert one(seen_of(prefix, "alpha/__init__.py")).state == "unverified"


def test_packages_interpreters_libraries_and_variables_are_compared(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    libraries = (opened(prefix, "libmath.so.1", "library"), opened(prefix, "bin/python", "library"))
    with Repo.open("memory:") as repo:
        seen = seen_of(
            prefix, "alpha/__init__.py", "gamma.py", files=libraries, environ={"TZ": "UTC"}
        )
        a = ENV.gather(seen, repo).record
        shutil.rmtree(prefix / SITE / "alpha-1.0.dist-info")
        install(prefix, "alpha", "1.1", {"alpha/__init__.py": b"a = 1\n"})
        (prefix / "lib2").mkdir()
        (prefix / "libmath.so.1").rename(prefix / "lib2" / "libmath.so.1")
        run = replace(seen.testimony.interpreters[0], version_info="3.12.1", version="3.12.1")
        later = replace(
            seen_of(prefix, "alpha/__init__.py", "google/beta.py"),
            files=(opened(prefix, "lib2/libmath.so.1", "library"), *libraries[1:]),
            environ={"TZ": "CET"},
        )
        b = ENV.gather(
            replace(later, testimony=replace(later.testimony, interpreters=(run,))), repo
        ).record
        changes = ENV.diff(a, b, repo).changes
    assert [
        (one.place.kind, one.place.name or one.place.path, one.before, one.after, one.kind)
        for one in changes
    ] == [
        ("interpreter", "cpython", "3.11.7", "3.12.1", "changed"),
        ("package", "alpha", "1.0", "1.1", "changed"),
        ("package", "beta-two", None, "2.0", "added"),
        ("package", "gamma", "3.0", None, "removed"),
        ("variable", "TZ", "UTC", "CET", "changed"),
        (
            "library", "prefix:lib2/libmath.so.1",
            "prefix:libmath.so.1", "prefix:lib2/libmath.so.1", "moved",
        ),
    ]  # fmt: skip
    assert [one.cosmetic for one in changes] == [False] * 5 + [True]


def test_a_file_changed_after_installing_is_the_change_that_is_told(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    with Repo.open("memory:") as repo:
        a = ENV.gather(seen_of(prefix, "alpha/__init__.py"), repo).record
        (prefix / SITE / "alpha/__init__.py").write_bytes(b"a = 2\n")
        b = ENV.gather(seen_of(prefix, "alpha/__init__.py"), repo).record
        (change,) = ENV.diff(a, b, repo).changes
    assert change.place.path == f"prefix:{SITE}/alpha/__init__.py"
    assert change.place.name == "alpha"
    assert (change.before, (change.after or "")[:9]) == ("as installed", "modified ")


def test_the_lock_pins_what_an_index_can_give_and_says_what_it_cannot(tmp_path: Path) -> None:
    prefix = prefix_in(tmp_path)
    install(prefix, "local", "2", {"local.py": b""}, url="file:///opt/local.whl")
    install(
        prefix, "mine", "0.1", {"m.pth": b""}, url=tmp_path.as_uri(), dir_info={"editable": True}
    )
    (prefix / SITE / "loose.py").write_bytes(b"1")
    seen = seen_of(prefix, "alpha/__init__.py", "local.py", "loose.py", str(tmp_path / "m.py"))
    with Repo.open("memory:") as repo:
        ENV.restore(ENV.gather(seen, repo).record, repo, tmp_path / "out")
    assert (tmp_path / "out" / "env" / "requirements.lock").read_text().splitlines() == [
        "# cpython 3.11.7: 3.11.7 (main) [GCC 12]",
        "alpha==1.0",
        "# local==2 from abs:opt/local.whl",
        "# loose: no distribution owns it",
        "-e ./",
    ]


def test_the_distributions_of_this_very_python_are_verified_and_quickly(tmp_path: Path) -> None:
    import msgspec
    import yaml

    modules = tuple(
        ModuleSeen(name=name, file=module.__file__)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in ("yaml", "msgspec") and getattr(module, "__file__", None)
    )
    prefix = Path(sys.prefix)
    seen = replace(seen_of(prefix), roots=Roots(project=bytes(tmp_path), prefix=bytes(prefix)))
    seen = replace(seen, testimony=replace(seen.testimony, modules=modules, interpreters=()))
    with Repo.open("memory:") as repo:
        ENV.gather(seen, repo)
        began = time.process_time()
        found = repo.records.get(ENV.gather(seen, repo).record, EnvRecord).distributions
        spent = time.process_time() - began
    assert {dist.name: (dist.version, dist.state) for dist in found} == {
        "msgspec": (msgspec.__version__, "verified"),
        "pyyaml": (yaml.__version__, "verified"),
    }
    assert spent < 0.2
