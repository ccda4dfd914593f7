"""A token in source is never kept, and withholding it is not a change."""

from __future__ import annotations

import subprocess
import sys

import sestina
from sestina.kernel.withhold import WITHHELD, secret_name

TOKEN = "ghp_" + "a1B2" * 9


def test_a_withheld_token_is_no_change_and_is_never_shown(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("train.py", f"TOKEN = '{TOKEN}'\n")
    project.run("--", sys.executable, "train.py")
    with sestina.open(project.folder) as repo:
        assert [one for one in sestina.status(repo).changes if one.ingredient == "code"] == []
    project.write("train.py", f"TOKEN = '{TOKEN}'\nX = '{TOKEN}'\n")
    with sestina.open(project.folder) as repo:
        told = sestina.status(repo).changes
    assert told
    assert TOKEN not in str(told)
    assert WITHHELD in str(told)
    kept = subprocess.run(["grep", "-rla", TOKEN, ".sestina"], cwd=project.folder, check=False)
    assert kept.returncode == 1


def test_an_output_that_holds_a_token_is_known_and_not_kept(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("config.yaml", f"key: {TOKEN}\n")
    project.write("train.py", "open('log.txt', 'w').write('with ' + open('config.yaml').read())")
    said = project.run("--name", "one", "--", sys.executable, "train.py")
    assert "note: project:log.txt: holds a token, so its bytes are not kept" in said
    kept = subprocess.run(["grep", "-rla", TOKEN, ".sestina"], cwd=project.folder, check=False)
    assert kept.returncode == 1
    with sestina.open(project.folder) as repo:
        assert sestina.check(repo).outcome == "pass"
        given = sestina.restore(repo, "one", into=project.folder / "back", only=["outputs"])
        assert given.missing == ("project:log.txt",)
    project.write("sestina.toml", 'secrets.allow = ["log.txt"]\n')
    assert "not kept" not in project.run("--", sys.executable, "train.py")


def test_a_data_file_that_is_called_a_token_and_is_one_is_not_kept(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("hf_token", TOKEN)
    project.write("tokens.txt", "the\ncat\n")
    project.write("train.py", "open('hf_token').read(), open('tokens.txt').read()")
    said = project.run("--name", "one", "--", sys.executable, "train.py")
    assert "note: project:hf_token: holds a token" in said
    assert "tokens.txt" not in said
    kept = subprocess.run(["grep", "-rla", TOKEN, ".sestina"], cwd=project.folder, check=False)
    assert kept.returncode == 1
    with sestina.open(project.folder) as repo:
        assert sestina.check(repo).outcome == "pass"
        assert sestina.status(repo).changes == ()


def test_an_output_over_the_size_cap_is_no_damage(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("sestina.toml", "size_cap = 1000\n")
    project.write("train.py", "open('big.bin', 'w').write('x' * 2000)")
    project.run("--", sys.executable, "train.py")
    with sestina.open(project.folder) as repo:
        assert sestina.check(repo).outcome == "pass"


def test_short_names_announce_a_secret_too():
    for name in ("DB_PW", "db_pass", "PGPASS", "smtpPass"):
        assert secret_name(name), name
    for name in ("n_pass", "first_pass", "pass_through", "powers"):
        assert not secret_name(name), name
