"""Numbers in the metrics files that a run wrote, and those its code told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.records import testimony
from sestina.records.observation import Observation, SeenFile
from sestina.records.paths import Roots
from sestina.records.settings import ModelSettings, Settings
from sestina.verbs import metrics


def gathered(folder: Path, settings: Settings | None = None, told=(), kind="output"):
    files = tuple(
        SeenFile(
            path=f"project:{path.name}",
            real=bytes(path),
            at=bytes(path),
            kind=kind,
            rule="",
            size=path.stat().st_size,
        )
        for path in sorted(folder.iterdir())
    )
    seen = Observation(
        argv=(),
        script=0,
        folder="project:",
        roots=Roots(project=bytes(folder)),
        environ={},
        files=files,
        testimony=testimony.Testimony(metrics=tuple(told)),
    )
    found, notes = metrics.gather(seen, settings or Settings())
    return {metric.name: metric.value for metric in found}, notes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metrics.json", '{"auc": 0.90, "test": {"loss": 1e-3}, "ok": true, "who": "me"}'),
        ("metrics.yaml", "auc: 0.9\ntest:\n  loss: 0.001\nok: yes\nwho: me\n"),
        ("metrics.csv", "name,value\nauc,0.90\ntest.loss,0.001\n"),
        ("metrics.csv", "auc,test.loss\n0.1,3\n0.9,0.001\n"),
        ("metrics.json", '{"auc": 0.1}\n{"auc": 0.9, "test": {"loss": 0.001}}\n'),
    ],
)
def test_nested_numbers_get_dotted_names(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert gathered(tmp_path) == ({"auc": "0.9", "test.loss": "0.001"}, ())


def test_a_metrics_file_that_the_run_only_read_gives_none(tmp_path):
    (tmp_path / "metrics.json").write_text('{"auc": 1}')
    assert gathered(tmp_path, kind="data")[0] == {}


def test_settings_name_other_files(tmp_path):
    (tmp_path / "scores.json").write_text('{"auc": 1}')
    assert gathered(tmp_path)[0] == {}
    model = ModelSettings(name="fraud", metrics=("scores.json",))
    assert gathered(tmp_path, Settings(models=(model,)))[0] == {"auc": "1"}


def test_the_last_value_that_code_told_counts(tmp_path):
    told = [testimony.Told(name="loss", value=text) for text in ("0.50", "0.250")]
    assert gathered(tmp_path, told=told)[0] == {"loss": "0.25"}


@pytest.mark.parametrize("text", ["{", "[1, 2", "\x00", "- &a [*a]", "]" * 100_000])
def test_a_damaged_file_is_named_and_stops_nothing(tmp_path, text):
    for name in ("metrics.json", "metrics.yaml"):
        (tmp_path / name).write_text(text)
    found, notes = gathered(tmp_path)
    assert isinstance(found, dict)
    assert all(note.startswith("project:metrics.") for note in notes)


def test_a_file_that_unfolds_without_end_stops_nothing(tmp_path):
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    (tmp_path / "metrics.yaml").write_text(bomb)
    found, notes = gathered(tmp_path)
    assert found == {}
    assert "more than" in notes[0]


@given(st.floats(allow_nan=False))
def test_a_number_keeps_its_value_in_its_shortest_text(number):
    text = metrics.shortest(number)
    assert float(text) == number
    assert metrics.shortest(text) == text
    assert len(text) <= len(json.dumps(number))


def test_the_only_metric_is_the_primary_one():
    from sestina.records.run import Metric

    one = Metric(name="auc", value="1", source="code")
    two = Metric(name="loss", value="2", source="code")
    assert metrics.primary([one], None) == one
    assert metrics.primary([one, two], None) is None
    assert metrics.primary([one, two], "loss") == two
