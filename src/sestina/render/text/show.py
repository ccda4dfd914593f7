"""The text of `show`: the birth certificate of a version or run, on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sestina.ingredients.params.effective import COMPOSED
from sestina.kernel.ids import short
from sestina.records.answers_show import FileLine, IngredientSheet, RunSheet, ShowAnswer
from sestina.records.facts import Effective
from sestina.records.ingredient import Setting
from sestina.render.text.ink import Ink, clean
from sestina.render.text.layout import (
    WIDTH,
    brief,
    columns,
    cut,
    cut_middle,
    duration,
    moment,
    near,
    size,
)

_MOST_ITEMS = 12
_LISTED = ("params", "seed", "features")
_MARGIN = 12
_LONGEST_TEXT = 600
_WIDEST_RULE = 26
_FACTS = ("host", "platform", "cpu", "cores", "memory", "gpu", "blas", "user")


def show_text(answer: ShowAnswer, ink: Ink) -> str:
    """Returns the text of one named thing."""
    lines = [f"{ink.strong(clean(answer.name))}  {ink.muted(answer.kind)}"]
    if answer.run is not None:
        lines += _birth(answer, answer.run)
    else:
        lines += _rows([("id", answer.id)])
    others = [name for name in answer.names if name != answer.name]
    lines += _rows([("names", ", ".join(others))] if others else [])
    lines += [line for text in answer.said for line in _rows([("note", text)])]
    gone = [f"{near(file.name)} was removed for good: {file.value}" for file in answer.purged]
    lines += _rows([("purged" if not number else "", text) for number, text in enumerate(gone)])
    if answer.partial:
        lines += _rows([("partial", "an ingredient is not held: this cannot be reproduced")])
    if answer.files:
        return _whole([*lines, "", *_file_table(answer.files)])
    if answer.ingredients:
        lines += ["", *_ingredients(answer.ingredients, ink)]
    if answer.version is not None:
        lines += ["", f"model ({clean(answer.version.format)})", *_files(answer.version.files)]
    if answer.run is not None:
        lines += _gave(answer.run, bool(answer.version))
    for sheet in answer.ingredients:
        lines += _items(sheet, ink) if sheet.ingredient in _LISTED else []
    if answer.run is not None:
        lines += _after_defaults(answer, answer.run) + _generators(answer.run) + _facts(answer.run)
    if answer.fields:
        lines += ["", *_rows([(field.name, field.value or "–") for field in answer.fields])]
    return _whole(lines)


def _whole(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _birth(answer: ShowAnswer, run: RunSheet) -> list[str]:
    named = f" ({run.name})" if run.name else ""
    ended = "interrupted" if run.exit is None else f"exit {run.exit}"
    took = "" if run.exit is None else f", in {duration(run.milliseconds)}"
    return _rows(
        [
            ("made", f"{moment(run.began)} by {run.actor}{took}"),
            ("run", f"run/{short(run.run)}{named}, {ended}"),
            ("command", " ".join(run.command)),
            ("capture", run.grade),
            *(("", gap) for gap in run.gaps if gap not in run.grade),
            ("recipe", f"recipe/{short(answer.recipe or '')}"),
        ]
    )


def _rows(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Returns a margin column of names with their texts, folded to the width of the page."""
    lines = []
    for name, text in rows:
        margin = f"{name:<{_MARGIN}}" if len(name) < _MARGIN else f"{name} "
        parts = _folded(clean(text[:_LONGEST_TEXT]), WIDTH - _MARGIN)
        if len(text) > _LONGEST_TEXT:
            parts.append(f"… {len(text) - _LONGEST_TEXT:,} characters more (--json has all)")
        for part in parts:
            lines.append((margin + part).rstrip())
            margin = " " * _MARGIN
    return lines


def _folded(text: str, room: int) -> list[str]:
    parts = []
    while len(text) > room:
        at = text.rfind(" ", room // 2, room + 1)
        at = room if at < 0 else at
        parts.append(text[:at])
        text = text[at:].lstrip()
    return [*parts, text]


def _ingredients(sheets: Sequence[IngredientSheet], ink: Ink) -> list[str]:
    rows = [
        [sheet.ingredient, short(sheet.record), sheet.custody, sheet.summary] for sheet in sheets
    ]
    return [ink.strong("ingredients"), *(cut(line, WIDTH) for line in columns(rows, indent=2))]


def _gave(run: RunSheet, has_model: bool) -> list[str]:
    lines: list[str] = []
    if run.metrics:
        rows = [
            [cut_middle(clean(metric.name), 40), cut(metric.value, 20), near(metric.source)]
            for metric in run.metrics
        ]
        lines += ["", "metrics", *_limited(_cut(columns(rows, indent=2)), 24)]
    if run.outputs:
        title = "all outputs" if has_model else "outputs"
        lines += ["", title, *_limited(_files(run.outputs), 16)]
    return lines


def _files(files: Sequence[FileLine]) -> list[str]:
    rows = [[cut_middle(near(f.path), 54), size(f.size), brief(f.id)] for f in files]
    return columns(rows, indent=2, right=(1,))


def _file_table(files: Sequence[FileLine]) -> list[str]:
    rows = [
        [f.kind, size(f.size), brief(f.id), cut(clean(f.rule or ""), _WIDEST_RULE), near(f.path)]
        for f in files
    ]
    return columns(rows, right=(1,))


def _items(sheet: IngredientSheet, ink: Ink) -> list[str]:
    if not sheet.items:
        return []
    rows = [
        [cut_middle(near(clean(item.name)), 34), cut(clean(item.value), 26), item.remark or ""]
        for item in sheet.items
    ]
    lines = [cut(line, WIDTH) for line in columns(rows, indent=2)]
    return ["", ink.strong(sheet.ingredient), *_limited(lines, _MOST_ITEMS)]


def _after_defaults(answer: ShowAnswer, run: RunSheet) -> list[str]:
    silent = [one for one in run.effective if not one.given and not _in_a_file(one, answer)]
    if not silent:
        return []
    rows = [[one.name, one.value, one.by] for one in silent]
    told = _limited(_cut(columns(rows, indent=2)), _MOST_ITEMS)
    return ["", "defaults that were used", *told]


def _in_a_file(one: Effective, answer: ShowAnswer) -> bool:
    """Returns True where a composed config has a value from a file, whose keys stand above."""
    return one.by in COMPOSED and any(
        item.value == one.value and f".{one.name}".endswith(f".{item.name}")
        for sheet in answer.ingredients
        for item in sheet.items
    )


def _generators(run: RunSheet) -> list[str]:
    """Returns the generators that did something, first those that had no seed."""
    sown = [one for one in run.sowings if one.state not in ("untouched", "unknown")]
    if not sown:
        return []
    rows = [
        [_class(one.generator), one.state, one.value or "", near(one.place) if one.place else ""]
        for one in sorted(sown, key=lambda one: one.state == "seeded")
    ]
    return ["", "random generators", *_limited(_cut(columns(rows, indent=2)), _MOST_ITEMS)]


def _class(generator: str) -> str:
    """Returns the bare name of an estimator's class; generators are named as they are."""
    last = generator.rpartition(".")[2]
    return last if last[:1].isupper() else generator


def _facts(run: RunSheet) -> list[str]:
    rows = [(one.name, one.value) for one in run.git if one.value]
    rows = [(f"git {name}", value) for name, value in rows]
    rows += [(one.name, one.value) for one in _ordered(run.machine) if one.value]
    rows += [(one.name, one.value) for one in run.cost if one.value]
    rows += [("network", peer) for peer in run.peers] + [("note", note) for note in run.notes]
    told = [[name, _amount(name, value)] for name, value in rows]
    return ["", "facts", *_cut(columns(told, indent=2))] if told else []


def _amount(name: str, value: str) -> str:
    """Returns a fact's value; what counts bytes as a size."""
    is_size = name.endswith((" bytes", "memory")) and value.isdigit()
    return size(int(value)) if is_size else brief(value)


def _ordered(machine: Sequence[Setting]) -> list[Setting]:
    known = {name: place for place, name in enumerate(_FACTS)}
    return sorted(machine, key=lambda one: (known.get(one.name, len(known)), one.name))


def _cut(lines: Iterable[str]) -> list[str]:
    return [cut(line, WIDTH) for line in lines]


def _limited(lines: Sequence[str], most: int) -> list[str]:
    if len(lines) <= most + 1:
        return list(lines)
    return [*lines[:most], f"  … {len(lines) - most:,} more (--json has all)"]
