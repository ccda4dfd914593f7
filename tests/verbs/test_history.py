"""What can be asked of a history, through the Python doors."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

import sestina
from sestina.errors import InvalidInput, NotFound, Refused


def test_the_log_lists_runs_newest_first_with_what_changed(repo):
    lines = sestina.log(repo).lines
    assert [line.name for line in lines] == ["june", "june-data", "january", "january-data"]
    assert lines[-1].first
    assert lines[-1].changed == ()
    assert lines[0].metric.name == "total"
    assert {line.grade for line in lines} == {"complete (kernel)"}


def test_the_log_of_a_model_compares_each_version_with_the_one_before(repo):
    lines = sestina.log(repo, "fraud").lines
    assert [line.name for line in lines] == ["fraud:2", "fraud:1"]
    assert set(lines[0].changed) == {"code", "data", "features", "params", "seed"}


def test_a_limit_says_how_much_it_left_out(repo):
    answer = sestina.log(repo, limit=1)
    assert (len(answer.lines), answer.more) == (1, 3)
    assert not answer.lines[0].first


def test_the_log_of_a_model_that_is_not_there_names_what_is(repo):
    with pytest.raises(NotFound):
        sestina.log(repo, "frand")


def test_diff_tells_every_change_once_and_by_ingredient(repo):
    answer = sestina.diff(repo, "fraud:1", "fraud:2")
    told = {
        (change.ingredient, change.place.path or change.place.name)
        for change in answer.changes
        if not change.cosmetic
    }
    assert told == {
        ("data", "project:clean.csv"),
        ("features", "project:features.py"),
        ("params", "--rate"),
        ("seed", "PYTHONHASHSEED"),
        ("seed", "SESTINA_SEED"),
    }
    assert [c.place.path for c in answer.changes if c.cosmetic] == ["project:train.py"]
    assert {pair.name for pair in answer.metrics} == {"total", "test.rows"}
    assert not answer.same_recipe
    assert not answer.unexplained


def test_a_secret_that_changed_shows_without_its_value(repo):
    facts = {pair.name: pair for pair in sestina.diff(repo, "january", "june").facts}
    secret = facts["variable API_TOKEN"]
    assert secret.before != secret.after
    assert "first-one" not in repr(facts)
    for run in ("january", "june"):
        assert "first-one" not in repr(sestina.show(repo, run))


def test_diff_of_a_thing_with_itself_is_empty(repo):
    answer = sestina.diff(repo, "fraud:1", "january")
    assert answer.same_recipe
    assert (answer.changes, answer.metrics, answer.outputs, answer.facts) == ((), (), (), ())


def test_only_one_ingredient_can_be_asked_for(repo):
    answer = sestina.diff(repo, "fraud:1", "fraud:2", only=["params"])
    assert {change.ingredient for change in answer.changes} == {"params"}
    with pytest.raises(InvalidInput):
        sestina.diff(repo, "fraud:1", "fraud:2", only=["weather"])


def test_show_is_a_birth_certificate(repo):
    answer = sestina.show(repo, "fraud:1")
    assert answer.kind == "version"
    assert [sheet.ingredient for sheet in answer.ingredients] == [
        "code", "data", "features", "params", "env", "seed",
    ]  # fmt: skip
    assert {sheet.custody for sheet in answer.ingredients} == {"captured"}
    assert answer.version.format == "pickle"
    assert answer.run.name == "january"
    assert ("rounds", "3", False) in {(e.name, e.value, e.given) for e in answer.run.effective}
    assert not answer.partial


def test_show_lists_each_file_with_the_rule_that_decided(repo):
    files = {file.path: file for file in sestina.show(repo, "january", files=True).files}
    kinds = {name: files[f"project:{name}"].kind for name in ("train.py", "clean.csv", "model.pkl")}
    assert kinds == {"train.py": "code", "clean.csv": "data", "model.pkl": "output"}
    assert all(file.rule for file in files.values())


def test_show_takes_any_record(repo):
    run = sestina.show(repo, "january")
    code = run.ingredients[0].record
    assert "code" in {field.name for field in sestina.show(repo, code).fields}
    assert sestina.show(repo, f"recipe/{run.recipe[:8]}").id == run.recipe


def test_lineage_leads_from_a_version_to_the_raw_data(repo):
    answer = sestina.lineage(repo, "fraud:2", up=True)
    names = {node.name for node in answer.nodes}
    assert {"fraud:2", "project:clean.csv", "project:raw.csv"} <= names
    links = {(arrow.source.split("@")[0], arrow.target.split("@")[0]) for arrow in answer.arrows}
    maker = next(node.key for node in answer.nodes if node.name.endswith("june-data"))
    assert (maker, "project:clean.csv") in links
    assert ("project:raw.csv", maker) in links


def test_lineage_leads_from_data_down_to_the_versions(repo):
    names = {node.name for node in sestina.lineage(repo, "january-data", down=True).nodes}
    assert "fraud:1" in names
    assert "fraud:2" not in names


def test_lineage_stops_at_the_depth_asked_for_and_counts_the_rest(repo):
    answer = sestina.lineage(repo, "january-data", down=True, depth=1)
    assert answer.folded == 0
    assert "fraud:1" in {node.name for node in answer.nodes}


def test_cat_gives_the_exact_bytes_also_of_a_file_that_two_ingredients_share(repo, sources):
    told = sestina.cat(repo, "fraud:1:features.py").data.decode()
    assert told == sources["features.py"]
    assert sestina.cat(repo, "run/january:project:config.toml").data == b"depth = 3\n"
    identifier = sestina.cat(repo, "fraud:1:clean.csv").id
    assert sestina.cat(repo, identifier).data == b"1\n2"


def test_cat_of_a_file_that_is_not_there_names_the_nearest(repo):
    with pytest.raises(NotFound) as caught:
        sestina.cat(repo, "fraud:1:clea.csv")
    assert "clean.csv" in caught.value.why
    with pytest.raises(InvalidInput):
        sestina.cat(repo, "fraud:1")


def test_restore_gives_back_exact_bytes(repo, sources, tmp_path):
    into = tmp_path / "back"
    answer = sestina.restore(repo, "fraud:1", into=into)
    assert answer.missing == ()
    for name, text in sources.items():
        assert (into / name).read_text() == text
    assert (into / "clean.csv").read_text() == "1\n2"
    assert (into / "model.pkl").is_file()
    assert stat.S_ISREG((into / "config.toml").lstat().st_mode)


def test_restore_gives_back_only_what_is_asked_for(repo, tmp_path):
    sestina.restore(repo, "fraud:1", into=tmp_path / "m", only=["model"])
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["model.pkl"]
    with pytest.raises(Refused):
        sestina.restore(repo, "january", into=tmp_path / "x", only=["model"])


def test_restore_overwrites_nothing(repo, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Refused):
        sestina.restore(repo, "fraud:1", into=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_past_can_be_asked(repo):
    january = next(line for line in sestina.log(repo).lines if line.name == "january")
    row = repo.catalog.run(january.run)
    before = repo.at(row.at)
    assert [line.name for line in sestina.log(before, "fraud").lines] == ["fraud:1"]
    with pytest.raises(NotFound):
        sestina.show(before, "fraud:2")


def test_du_counts_each_blob_once(repo):
    answer = sestina.du(repo)
    assert answer.size == sum(line.size for line in answer.disk)
    assert {line.name for line in answer.held} >= {"data", "outputs", "code"}


def test_check_passes(repo):
    assert sestina.check(repo).outcome == "pass"


def test_doctor_says_which_observer_a_run_gets(repo):
    answer = sestina.doctor(repo)
    used = [item.name for item in answer.items if "is used" in item.value]
    assert len(used) == (1 if answer.ok else 0)
    assert Path(repo.path).name == ".sestina"


def test_a_run_that_was_seen_in_part_is_told_where_it_is_compared(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("job.py", "print(1)\n")
    project.run("--name", "whole", "--", sys.executable, "job.py")
    project.run("--name", "part", "--capture", "python", "--", sys.executable, "job.py")
    done = project.sestina("diff", "whole", "part")
    assert "part was not seen whole: partial (python only)" in done.stdout
    assert "not seen whole" not in project.sestina("diff", "whole", "whole").stdout


def test_a_long_command_and_long_names_of_metrics_keep_to_the_page(project):
    project.write("job.py", "import json; json.dump({'m' * 200: 0.5}, open('metrics.json', 'w'))")
    project.run("--name", "long", "--", sys.executable, "job.py", "x" * 50_000)
    shown = project.sestina("show", "long").stdout.splitlines()
    assert len(shown) < 60
    assert max(map(len, shown)) <= 80


def test_a_blob_is_not_tagged_and_a_purged_one_is_remembered(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", project.environ["XDG_CACHE_HOME"])
    project.write("job.py", "open('in.csv').read()")
    project.write("in.csv", "1")
    project.run("--name", "one", "--", sys.executable, "job.py")
    with sestina.open(project.folder) as repo:
        blob = sestina.cat(repo, "one:in.csv").id
        with pytest.raises(Refused, match="cannot be tagged"):
            sestina.tag(repo, "paper", blob)
        sestina.purge(repo, "one:in.csv", reason="asked to")
        with pytest.raises(NotFound, match="has no blob") as told:
            sestina.show(repo, blob[:8])
    assert told.value.why == "it was removed for good: asked to"
