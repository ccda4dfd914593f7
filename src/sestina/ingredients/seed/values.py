"""The values of seeds that stand in files."""

from __future__ import annotations

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
    """Returns, by file and key, the canonical value and the id of the bytes as they stand."""
    return {(span.file, span.name): (_value(span, repo), span.blob) for span in record.spans}


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
