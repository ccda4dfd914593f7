"""The metrics of a run: numbers in the metrics files that it wrote, and those its code told.

A number keeps its shortest text that reads back as the same number, so equal metrics are equal
texts. Names of nested values are dotted, as in `test.auc` and `folds.0.auc`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from sestina.kernel import escape
from sestina.records.observation import Observation, SeenFile
from sestina.records.paths import split
from sestina.records.run import Metric
from sestina.records.settings import Settings, covering

_USUAL = (b"metrics.json", b"metrics.yaml", b"metrics.yml", b"metrics.csv")
_LARGEST = 1 << 20
_MOST = 10_000
_DEEPEST = 16
_LONGEST_LIST = 64
_FROM_CODE = "code"


def gather(seen: Observation, settings: Settings) -> tuple[tuple[Metric, ...], tuple[str, ...]]:
    """Returns the metrics of a run, sorted by name, and a note on each file that gave none."""
    found: list[Metric] = []
    notes: list[str] = []
    for file in seen.files:
        if _is_metrics_file(file, settings):
            try:
                found += list(_in_file(file))
            except (OSError, ValueError, RecursionError) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                told_why = escape.to_text(reason.encode("utf-8", "surrogatepass"))
                notes.append(f"{file.path}: no metrics could be read: {told_why}")
    told = {one.name: one.value for one in seen.testimony.metrics}
    found += [
        Metric(name=name, value=shortest(text), source=_FROM_CODE) for name, text in told.items()
    ]
    unique = {(metric.name, metric.source): metric for metric in found}
    return tuple(unique[key] for key in sorted(unique)), tuple(notes)


def primary(metrics: Iterable[Metric], name: str | None) -> Metric | None:
    """Returns the metric called `name`; without a name, the only one there is."""
    known = list(metrics)
    if name is None:
        return known[0] if len(known) == 1 else None
    return next((metric for metric in known if metric.name == name), None)


def shortest(value: str | float) -> str:
    """Returns the shortest text that reads back as the same number; other text as it is.

    >>> shortest("0.8300"), shortest(12), shortest("1e3"), shortest("high")
    ('0.83', '12', '1000.0', 'high')
    """
    if isinstance(value, int):
        return str(int(value))
    text = value.strip() if isinstance(value, str) else repr(value)
    digits = text.lstrip("+-")
    if digits.isascii() and digits.isdigit():
        return text.removeprefix("+") if len(text) > 15 else str(int(text))
    try:
        return repr(float(text))
    except ValueError:
        return text


def _is_metrics_file(file: SeenFile, settings: Settings) -> bool:
    if file.kind not in ("output", "intermediate") or file.gone or file.link is not None:
        return False
    root, rest = split(file.path)
    if os.path.basename(rest) in _USUAL:
        return True
    below = file.path.partition(":")[2]
    return root == "project" and any(
        covering(model.metrics, below) for model in settings.models if model.metrics
    )


def _in_file(file: SeenFile) -> Iterator[Metric]:
    with open(file.at, "rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    text = data.decode("utf-8-sig")
    values = _READERS.get(os.path.splitext(file.at)[1].lower(), _from_json)(text)
    for count, (name, number) in enumerate(values):
        if count >= _MOST:
            raise ValueError(f"it holds more than {_MOST} numbers")
        shown = escape.to_text(name.encode("utf-8", "surrogatepass"))
        yield Metric(name=shown, value=shortest(number), source=file.path)


def _from_json(text: str) -> Iterator[tuple[str, float]]:
    import json

    lines = text.strip().splitlines()
    try:
        return _flat(json.loads(text), "", 0)
    except json.JSONDecodeError:
        # JSON lines, one record per epoch: the last word counts.
        return _flat(json.loads(lines[-1]) if len(lines) > 1 else json.loads(text), "", 0)


def _from_yaml(text: str) -> Iterator[tuple[str, float]]:
    import yaml

    try:
        return _flat(yaml.safe_load(text), "", 0)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _from_csv(text: str) -> Iterator[tuple[str, float]]:
    """Yields the rows of a name-value table, or the last number of every column."""
    import csv

    rows = [row for row in csv.reader(text.splitlines()) if row]
    if not rows:
        return
    header, body = rows[0], rows[1:]
    pairs = [row for row in rows if len(row) == 2 and _number(row[0]) is None]
    if len(header) == 2 and len(pairs) >= len(body) and body:
        for name, value in pairs:
            number = _number(value)
            if number is not None:
                yield name.strip(), number
        return
    for place, name in enumerate(header):
        numbers = [_number(row[place]) for row in body if place < len(row) and row[place].strip()]
        if numbers and numbers[-1] is not None:
            yield name.strip(), numbers[-1]


def _flat(value: Any, name: str, depth: int) -> Iterator[tuple[str, float]]:
    if isinstance(value, bool) or depth > _DEEPEST:
        return
    if isinstance(value, int | float):
        yield name or "value", value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _flat(member, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list) and len(value) <= _LONGEST_LIST:
        for place, member in enumerate(value):
            yield from _flat(member, f"{name}.{place}" if name else str(place), depth + 1)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and text.strip().lstrip("+-").isdigit() else number


_READERS = {b".json": _from_json, b".yaml": _from_yaml, b".yml": _from_yaml, b".csv": _from_csv}
