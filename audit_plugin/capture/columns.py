"""Tables and their columns, as the catalog names them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Table:
    """A table in the database.

    Attributes:
        oid: Its object id.
        schema: The name of its schema.
        name: Its name.
        kind: `pg_class.relkind`: `r` table, `p` partitioned, `v` view, `m` materialised view, `f` foreign.
        columns: Attribute numbers by column name, in the table's order.
        leaves: Quoted names of its partitions, all levels.
    """

    oid: int
    schema: str
    name: str
    kind: str
    columns: Mapping[str, int]
    leaves: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The quoted, schema-qualified name."""
        return f"{quote(self.schema)}.{quote(self.name)}"


def quote(name: str) -> str:
    """Quote an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote an SQL string literal, whatever `standard_conforming_strings` is."""
    escaped = text.replace("'", "''")
    return " E'" + escaped.replace("\\", "\\\\") + "'" if "\\" in text else f"'{escaped}'"


def find_table(connection: BaseDatabaseWrapper, db_table: str) -> Table | None:
    """Look a table up as Django would find it.

    Args:
        connection: The database.
        db_table: The model's `db_table`, maybe in the quoted form `schema"."table`.

    Returns:
        The table, or None if it doesn't exist.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.oid, n.nspname, c.relname, c.relkind::text,
                   (SELECT jsonb_object_agg(a.attname, a.attnum) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text,
                   (SELECT jsonb_agg(jsonb_build_array(s.nspname, l.relname) ORDER BY 1) FROM pg_partition_tree(c.oid) p
                    JOIN pg_class l ON l.oid = p.relid JOIN pg_namespace s ON s.oid = l.relnamespace
                    WHERE p.relid <> c.oid)::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)
            """,
            [connection.ops.quote_name(db_table)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    numbers = sorted(json.loads(row[4]).items(), key=lambda item: item[1])
    leaves = tuple(f"{quote(schema)}.{quote(name)}" for schema, name in json.loads(row[5] or "[]"))
    return Table(row[0], row[1], row[2], row[3], dict(numbers), leaves)
