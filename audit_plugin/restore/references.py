"""References of written rows to things that aren't there: found before the database complains, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit_plugin.restore.rows import Row
from audit_plugin.restore.tables import Reference, Table


@dataclass(frozen=True, slots=True)
class Missing:
    """A row that refers to something that isn't there (yet).

    Attributes:
        row: The row.
        table: Its table.
        reference: The foreign key.
        key: The key that it refers to, as text; of a foreign key of several columns a JSON array.
    """

    row: Row
    table: Table
    reference: Reference
    key: str


def find_missing(cursor: Any, table: Table, rows: Sequence[Row]) -> list[Missing]:
    """Find rows just written that refer to something that isn't there.

    Args:
        cursor: A cursor on the database.
        table: The table of all of them.
        rows: The rows.
    """
    written = {name for row in rows for name in row.fields}
    found = []
    for reference in table.references:
        if not any(column.label in written for column in reference.columns):
            continue
        columns = [f"o.{column.sql}" for column in reference.columns]
        key = f"{columns[0]}::text" if len(columns) == 1 else f"jsonb_build_array({', '.join(columns)})::text"
        cursor.execute(
            f"SELECT w.n, {key} FROM unnest(%s::text[]) WITH ORDINALITY AS w (key, n) "
            f"JOIN {table.sql} AS o ON {table.has_key('w.key')} WHERE {reference.missing()} ORDER BY w.n",
            [[row.key_after for row in rows]],
        )
        found += [Missing(rows[n - 1], table, reference, key) for n, key in cursor.fetchall()]
    return found


def still_missing(cursor: Any, candidates: Sequence[Missing]) -> list[Missing]:
    """Return those whose target didn't come in the meantime.

    Args:
        cursor: A cursor on the database.
        candidates: What was missing when its row was written.
    """
    grouped: dict[str, tuple[Table, dict[str, Row]]] = {}
    for missing in candidates:
        grouped.setdefault(missing.table.label, (missing.table, {}))[1][missing.row.key] = missing.row
    return [
        missing
        for table, rows in grouped.values()
        for missing in find_missing(cursor, table, list(rows.values()))
    ]
