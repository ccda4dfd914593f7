"""What a data file holds, in few words."""

from __future__ import annotations

from dataclasses import dataclass

from sestina.ingredients.numbers import count

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Format, rows and columns of a file. `rows` is None where nobody counted them.

    `columns` are names and types as the format spells them: the tensors of a file of tensors, the
    `table.column` of a database. `remark` says why something is not known.
    """

    format: str
    rows: int | None = None
    columns: Columns = ()
    remark: str | None = None

    def told(self) -> str:
        """Returns rows and columns as people read them, empty where neither is known.

        >>> Shape("csv", rows=1000, columns=(("a", "int"), ("b", "text"))).told()
        '1,000 rows × 2 columns'
        """
        rows = None if self.rows is None else count(self.rows, "row")
        columns = count(len(self.columns), "column") if self.columns else None
        return " × ".join(part for part in (rows, columns) if part)


def changes(old: Columns, new: Columns) -> tuple[str, ...]:
    """Returns a line per column that was added, removed or has another type."""
    before, after = dict(old), dict(new)
    lines = [f"- column {name}: {held}" for name, held in old if name not in after]
    lines += [f"+ column {name}: {held}" for name, held in new if name not in before]
    lines += [
        f"~ column {name}: {held} → {after[name]}"
        for name, held in old
        if name in after and after[name] != held
    ]
    if not lines and [name for name, _ in old] != [name for name, _ in new]:
        lines.append("~ columns in another order")
    return tuple(lines)
