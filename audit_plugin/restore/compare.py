"""Three-way comparison: what was before, what the entries left, and what is there now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from audit_plugin.restore.rows import Row, json_rows
from audit_plugin.restore.tables import Table

#: What a value's text depends on, as the capture triggers have it (`capture/trigger.py`).
PINNED = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


class Found(NamedTuple):
    """What is there.

    Attributes:
        row: The record it was looked for.
        exists: Whether there is such a record.
        live: Its values now, a JSON text.
        changed: Fields that are not what the entries left.
        other: Fields that are not what was before, so have to be written.
    """

    row: Row
    exists: bool
    live: str
    changed: list[str]
    other: list[str]


@contextmanager
def pinned(cursor: Any) -> Iterator[None]:
    """Let values have the text that the capture triggers give them; the host's triggers never see these settings."""
    names = list(PINNED)
    cursor.execute(f"SELECT {', '.join(['current_setting(%s)'] * len(names))}", names)
    before = cursor.fetchone()
    _set(cursor, PINNED.values())
    yield
    _set(cursor, before)


def _set(cursor: Any, values: Any) -> None:
    pairs = [part for pair in zip(PINNED, values, strict=True) for part in pair]
    cursor.execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * len(PINNED))}", pairs)


def compare(cursor: Any, table: Table, rows: Sequence[Row]) -> list[Found]:
    """Compare records with what is there now.

    Args:
        cursor: A cursor on the database.
        table: The table of all of them.
        rows: The records.
    """
    deleting = any(row.operation == "delete" for row in rows)
    named = set(table.columns) if deleting else {name for row in rows for name in row.before}
    labels = [label for label, column in table.columns.items() if label in named and not column.generated]
    sql = f"""
        SELECT w.n, o.{table.key[0].sql} IS NOT NULL, live.j::text,
               {_differing("after")}, {_differing("before")}
          FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given (v, n)
         CROSS JOIN LATERAL (SELECT n, v ->> 0 AS key, v -> 1 AS before, v -> 2 AS after OFFSET 0) AS w
          LEFT JOIN {table.sql} AS o ON {table.has_key("w.key")}
         CROSS JOIN LATERAL (SELECT {table.live(labels)} AS j OFFSET 0) AS live
         ORDER BY w.n
    """
    # Of a deleted record nothing is left to compare.
    given = [
        (row.key, "{}", "{}") if row.operation == "insert" else (row.key, row.before.text, row.after.text)
        for row in rows
    ]
    with pinned(cursor):
        cursor.execute(sql, [json_rows(given)])
        found = cursor.fetchall()
    return [Found(rows[n - 1], exists, live, changed, other) for n, exists, live, changed, other in found]


def _differing(side: str) -> str:
    """Return SQL for the fields in which a row is not as the object `side` has it."""
    return (
        f"CASE WHEN live.j || w.{side} = live.j THEN '{{}}'::text[] ELSE ARRAY("
        f"SELECT k FROM jsonb_object_keys(w.{side}) AS k WHERE live.j ? k AND live.j -> k <> w.{side} -> k) END"
    )
