"""Writes rows exactly as the log has them: plain SQL, many rows a statement, values converted by the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.models import NOT_PROVIDED, Model

from audit_plugin.restore.rows import Row, json_rows
from audit_plugin.restore.tables import Column, Table

#: What says nothing about the rows but about the moment: deadlock, serialisation, lock timeout, cancelled, connection lost.
PASSING = ("40001", "40P01", "55P03", "57", "08")

#: A FROM item `w` of rows given as one parameter.
GIVEN = (
    "(SELECT n, v ->> 0 AS key, v -> 1 AS wanted FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given (v, n) "
    "OFFSET 0) AS w"
)

Failed = Callable[[Row, DatabaseError], None]


def write(
    using: str, rows: Sequence[Row], statement: Callable[[Any, Sequence[Row]], Any], failed: Failed
) -> list[Row]:
    """Write rows together; where the database refuses, find out which ones it refuses and write the others.

    Args:
        using: The database alias.
        rows: The rows.
        statement: Writes rows given a cursor.
        failed: Told of each row that can't be written, and why.

    Returns:
        The rows that were written.

    Raises:
        DatabaseError: It fails for no fault of the rows.
    """
    if not rows:
        return []
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            statement(cursor, rows)
        return list(rows)
    except DatabaseError as error:
        if is_passing(error):
            raise
        if len(rows) == 1:
            failed(rows[0], error)
            return []
    middle = len(rows) // 2
    return [
        *write(using, rows[:middle], statement, failed),
        *write(using, rows[middle:], statement, failed),
    ]


def sqlstate(error: DatabaseError) -> str:
    """Return the code that the database gave."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_passing(error: DatabaseError) -> bool:
    """Whether an error says nothing about what was to be written."""
    state = sqlstate(error)
    return state.startswith(PASSING) or (not state and isinstance(error, OperationalError))


def update(table: Table) -> Callable[[Any, Sequence[Row]], None]:
    """Return what writes the fields of existing rows."""

    def statement(cursor: Any, rows: Sequence[Row]) -> None:
        labels = [label for label in table.columns if any(label in row.fields for row in rows)]
        assignments = ", ".join(
            f"{column.sql} = CASE WHEN w.wanted ? {_text(label)} THEN n.{column.sql} ELSE o.{column.sql} END"
            for label in labels
            if (column := table.columns[label])
        )
        cursor.execute(
            f"UPDATE {table.sql} AS o SET {assignments} "
            f"FROM {GIVEN}, {table.typed(labels)} WHERE {table.has_key('w.key')}",
            [json_rows([(row.key, row.wanted()) for row in rows])],
        )

    return statement


def insert(table: Table) -> Callable[[Any, Sequence[Row]], None]:
    """Return what writes new rows; a column without a value gets its default in the database."""

    def statement(cursor: Any, rows: Sequence[Row]) -> None:
        columns = {label: column for label, column in table.columns.items() if not column.generated}
        labels = [label for label in columns if any(label in row.fields for row in rows)]
        values = ", ".join(
            f"CASE WHEN w.wanted ? {_text(label)} THEN n.{column.sql} ELSE {column.default or 'NULL'} END"
            if label in labels
            else (column.default or "NULL")
            for label, column in columns.items()
        )
        cursor.execute(
            f"INSERT INTO {table.sql} ({', '.join(column.sql for column in columns.values())}) "
            f"OVERRIDING SYSTEM VALUE SELECT {values} "
            f"FROM {GIVEN}, {table.typed(labels)} ORDER BY w.n",
            [json_rows([(row.key, row.wanted()) for row in rows])],
        )

    return statement


def delete(table: Table) -> Callable[[Any, Sequence[Row]], None]:
    """Return what deletes rows."""

    def statement(cursor: Any, rows: Sequence[Row]) -> None:
        cursor.execute(
            f"DELETE FROM {table.sql} AS o USING unnest(%s::text[]) AS w (key) WHERE {table.has_key('w.key')}",
            [[row.key for row in rows]],
        )

    return statement


def load(using: str, table: Table, key: str) -> Model | None:
    """Return the record of a key as the log has it."""
    pk = json.loads(key) if len(table.key) > 1 else key
    return table.model._base_manager.using(using).filter(pk=pk).first()


def default_of(column: Column) -> str | None:
    """Return the default that the model gives a field, as a JSON text; None where the database has one or none is needed."""
    field = column.field
    if field is None or column.default is not None or column.generated:
        return None
    if field.default is NOT_PROVIDED and not (column.required and field.empty_strings_allowed):
        return None
    value = field.get_prep_value(field.get_default())
    if isinstance(value, bytes | memoryview):
        return json.dumps("\\x" + bytes(value).hex())
    return None if value is None else json.dumps(value, cls=_Encoder)


class _Encoder(DjangoJSONEncoder):
    """Values of Django's fields as texts that PostgreSQL reads back as the same values."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def _text(label: str) -> str:
    return "'" + label.replace("'", "''").replace("%", "%%") + "'"
