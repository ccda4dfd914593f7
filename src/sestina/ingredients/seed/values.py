"""The values of seeds that stand in files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sestina.errors import InvalidInput, SestinaError
from sestina.ingredients.params.keys import Format, format_of, leaves
from sestina.kernel.withhold import WITHHELD
from sestina.records.ingredient import SeedRecord, Span

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_AROUND: dict[Format, bytes] = {
    "yaml": b"seed: %s\n",
    "json": b'{"seed": %s}',
    "toml": b"seed = %s\n",
    "ini": b"seed = %s\n",
    "dotenv": b"seed=%s\n",
    "python": b"seed = %s\n",
}


def values(record: SeedRecord, repo: Repo) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Returns, by file and key, the canonical value and what names the bytes as they stand.

    Members of a list that was cut line by line are one value again.
    """
    lists: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
    found: dict[tuple[str, str], tuple[str, str | None]] = {}
    for span in record.spans:
        above, _, position = span.name.rpartition(".")
        if above and position.isdecimal():
            lists[span.file, above].append(span)
        else:
            found[span.file, span.name] = (_value(span, repo), span.blob)
    for key, spans in lists.items():
        spans.sort(key=lambda span: int(span.name.rpartition(".")[2]))
        members = ",".join(_value(span, repo) for span in spans)
        found[key] = (f"[{members}]", " ".join(span.blob or "" for span in spans))
    return found


def _value(span: Span, repo: Repo) -> str:
    if span.blob is None:
        return WITHHELD
    try:
        text = repo.contents.read(span.blob)
    except SestinaError:
        return WITHHELD
    form = format_of(span.file)
    plain = text.decode("utf-8", "backslashreplace")
    if form is None:
        return plain
    for spelled in (text, _AROUND[form] % text) if form == "python" else (_AROUND[form] % text,):
        try:
            found = leaves(spelled, form)
        except InvalidInput:
            continue
        if len(found) == 1:
            return found[0].text
    return plain
