"""Answers as JSON: the one place that turns an answer record into the bytes that programs read.

The root is a record whose first member is `schema`; null is never omitted; times are RFC 3339 UTC
and ids whole. The command line's `--json` and a server's body are these same bytes.
"""

from __future__ import annotations

from typing import Any

from sestina.errors import SestinaError


def to_json(answer: Any) -> str:
    """Returns the JSON text of an answer record, indented by two, with a final newline."""
    import msgspec

    return _text({"schema": answer.SCHEMA, **msgspec.to_builtins(answer)})


def error_text(error: SestinaError) -> str:
    """Returns the JSON text of an error."""
    return _text(
        {
            "schema": "sestina.error/1",
            "code": error.code,
            "what": error.what,
            "why": error.why,
            "try": error.hint,
            "exit": error.exit_code,
        }
    )


def _text(value: dict[str, Any]) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8") + "\n"
