"""Writes docs/reference/schemas from the answer records; `make docs` calls it."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reference" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """Returns the JSON Schema of every answer, by file name."""
    return {answer.SCHEMA.replace("/", "-") + ".json": schema(answer) for answer in answers()}


def answers() -> list[Any]:
    """Returns the records that are answers: those that name a schema."""
    import sestina.records

    found = {}
    for module in pkgutil.iter_modules(sestina.records.__path__, "sestina.records."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and isinstance(getattr(thing, "SCHEMA", None), str):
                found[getattr(thing, "SCHEMA")] = thing  # noqa: B009
    return [found[name] for name in sorted(found)]


def schema(answer: Any) -> str:
    """Returns the schema of one answer: every member is there, null where there is nothing."""
    import msgspec

    [_], parts = msgspec.json.schema_components([answer], ref_template="#/$defs/{name}")
    for part in parts.values():
        if "properties" in part:
            part["required"] = list(part["properties"])
            for member in part["properties"].values():
                member.pop("default", None)
    root = parts.pop(answer.__name__)
    root["properties"] = {"schema": {"const": answer.SCHEMA}, **root["properties"]}
    root["required"].insert(0, "schema")
    whole = {"$schema": DIALECT, "$id": answer.SCHEMA, **root, "$defs": parts}
    return json.dumps(whole, indent=2, ensure_ascii=False, default=str) + "\n"


def main() -> None:
    """Writes the files of today's answers and removes those of answers that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = schemas()
    for old in FOLDER.iterdir():
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
    print(f"wrote {len(wanted)} schemas")


if __name__ == "__main__":
    main()
