"""What `lineage` returns: a graph whose arrows point from what was used to what it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing: `kind` is version, run, file or dataset; `remark` stands beside its name."""

    key: str
    kind: str
    name: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """From the key of what was used to the key of what it went into; `by` says as what."""

    source: str
    target: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageAnswer:
    """The graph around `centre`; `folded` counts what lies beyond the depth that was asked."""

    SCHEMA: ClassVar[str] = "sestina.lineage/1"
    centre: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    folded: int
