"""The tables that a restore writes to, as the catalog has them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from audit_plugin.capture.columns import find_table
from audit_plugin.restore.names import Model

COLUMNS = """
    SELECT c.name, format_type(a.atttypid, a.atttypmod), {schema}.audit_plugin_value_v1(c, 'o'), c.base, a.attnotnull,
           a.attgenerated <> '', pg_get_expr(d.adbin, d.adrelid)
      FROM {schema}.audit_plugin_columns_v1(%s::oid::regclass) AS c
      JOIN pg_attribute AS a ON a.attrelid = %s AND a.attnum = c.number
      LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     ORDER BY c.number
"""
REFERENCES = """
    SELECT conname, confrelid::regclass::text,
           ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k (n, i)
                   JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i),
           ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS k (n, i)
                   JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY i)
      FROM pg_constraint WHERE conrelid = %s AND contype = 'f' AND conparentid = 0 ORDER BY conname
"""
#: Row triggers before a write, other than ours: they may change what is written.
ADJUSTING = """
    SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = %s AND NOT tgisinternal AND tgtype & 3 = 3 AND tgenabled <> 'D')
"""


def quoted(name: str) -> str:
    """Quote an identifier for a statement that has parameters."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


@dataclass(frozen=True, eq=False)
class Column:
    """A column.

    Attributes:
        name: Its name in the database.
        label: Its name in the log: the field's, or the column's where Django knows none.
        type: Its type with modifiers, as SQL.
        value: SQL for its value in the row `o`, as the log holds it.
        base: The name of its type, of the elements for an array, of what a domain is made of.
        required: Whether it is NOT NULL.
        generated: Whether the database computes it.
        default: SQL of its default in the database, if it has one.
        field: The model's field, if there is one.
    """

    name: str
    label: str
    type: str
    value: str
    base: str
    required: bool
    generated: bool
    default: str | None
    field: models.Field[Any, Any] | None

    @property
    def sql(self) -> str:
        """The quoted name."""
        return quoted(self.name)

    @property
    def automatic(self) -> bool:
        """Whether Django sets it whenever the record is saved: then a later value is nobody's decision."""
        return bool(getattr(self.field, "auto_now", False))

    @property
    def is_json(self) -> bool:
        """Whether JSON's null is a value of the column itself."""
        return self.base in ("json", "jsonb")


@dataclass(frozen=True, eq=False)
class Reference:
    """A foreign key.

    Attributes:
        constraint: The constraint's name; empty where only the model knows of it.
        target: The quoted name of the table it refers to.
        columns: Its columns.
        target_columns: The columns they refer to.
        field: The model's field, if there is one.
    """

    constraint: str
    target: str
    columns: tuple[Column, ...]
    target_columns: tuple[str, ...]
    field: models.Field[Any, Any] | None

    def missing(self, row: str = "o") -> str:
        """Return the condition that a row refers to something that isn't there."""
        given = " AND ".join(f"{row}.{column.sql} IS NOT NULL" for column in self.columns)
        same = " AND ".join(
            f"target.{quoted(there)} = {row}.{here.sql}"
            for here, there in zip(self.columns, self.target_columns, strict=True)
        )
        return f"{given} AND NOT EXISTS (SELECT FROM {self.target} AS target WHERE {same})"


@dataclass(frozen=True, eq=False)
class Table:
    """A model's own table.

    Attributes:
        model: The model.
        label: Its label.
        sql: The quoted, schema-qualified name.
        oid: The table's object id.
        columns: Its columns by their labels.
        key: The columns of the primary key.
        references: Its foreign keys.
        recorded: Whether writes to it are recorded.
        adjusting: Whether triggers of the host may change what is written.
    """

    model: Model
    label: str
    sql: str
    oid: int
    columns: Mapping[str, Column]
    key: tuple[Column, ...]
    references: tuple[Reference, ...]
    recorded: bool
    adjusting: bool

    def has_key(self, text: str, row: str = "o") -> str:
        """Return the condition that a row has the key that the SQL expression `text` holds as the log writes it."""
        if len(self.key) == 1:
            return f"{row}.{self.key[0].sql} = ({text})::{self.key[0].type}"
        return " AND ".join(
            f"{row}.{column.sql} = ({text}::jsonb ->> {position})::{column.type}"
            for position, column in enumerate(self.key)
        )

    def key_text(self, row: str = "o") -> str:
        """Return SQL for a row's key as the log writes it."""
        if len(self.key) == 1:
            return f"{row}.{self.key[0].sql}::text"
        return f"jsonb_build_array({', '.join(f'{row}.{column.sql}' for column in self.key)})::text"

    def live(self, labels: Iterable[str], row: str = "o") -> str:
        """Return SQL for a JSON object of a row's values, as the log would hold them."""
        pairs = [
            f"'{label.replace(chr(39), chr(39) * 2).replace('%', '%%')}', {self.columns[label].value}"
            for label in labels
        ]
        # A function takes at most 100 arguments.
        chunks = [f"jsonb_build_object({', '.join(pairs[at : at + 45])})" for at in range(0, len(pairs), 45)]
        return " || ".join(chunks) or "'{}'::jsonb"

    def typed(self, labels: Iterable[str], source: str = "w.wanted") -> str:
        """Return a FROM item `n`: the values of a JSON object from the log as columns, converted by the database."""
        columns = [self.columns[label] for label in labels]
        given = ", ".join(
            f"{quoted(column.label)} {'numeric' if column.base == 'money' else column.type}"
            for column in columns
        )
        read = ", ".join(f"{_read(column)} AS {column.sql}" for column in columns)
        return f"LATERAL (SELECT {read} FROM jsonb_to_record({source}) AS given ({given})) AS n"


def _read(column: Column) -> str:
    value = f"given.{quoted(column.label)}"
    if column.base == "money":
        return f"{value}::{column.type}"
    if column.is_json and column.required:
        # The log can't tell JSON's null from SQL's; where SQL's is impossible, it was JSON's.
        return f"coalesce({value}, 'null'::{column.type})"
    return value


def read_table(connection: BaseDatabaseWrapper, schema: str, model: Model, *, recorded: bool) -> Table | None:
    """Read a model's table from the catalog.

    Args:
        connection: The database.
        schema: The quoted schema of the log.
        model: The model.
        recorded: Whether writes to it are recorded.

    Returns:
        The table, or None if there is none.
    """
    found = find_table(connection, model._meta.db_table)
    if found is None:
        return None
    fields = {field.column: field for field in model._meta.local_concrete_fields if field.column}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS.format(schema=schema.replace("%", "%%")), [found.oid, found.oid])
        columns = {}
        for name, kind, value, base, required, generated, default in cursor.fetchall():
            field = fields.get(name)
            column = Column(
                name=name,
                label=field.name if field else name,
                type=kind.replace("%", "%%"),
                value=value.replace("%", "%%"),
                base=base,
                required=required,
                generated=generated,
                default=default and default.replace("%", "%%"),
                field=field,
            )
            columns[name] = column
        cursor.execute(REFERENCES, [found.oid])
        references = [
            Reference(
                constraint,
                target.replace("%", "%%"),
                tuple(columns[name] for name in here),
                tuple(there),
                columns[here[0]].field,
            )
            for constraint, target, here, there in cursor.fetchall()
        ]
        cursor.execute(ADJUSTING, [found.oid])
        adjusting = cursor.fetchone()[0]
    key = tuple(columns[field.column] for field in model._meta.pk_fields)
    known = {reference.columns for reference in references}
    references += [
        soft for soft in _soft_references(connection, columns.values()) if soft.columns not in known
    ]
    return Table(
        model=model,
        label=model._meta.label_lower,
        sql=found.sql.replace("%", "%%"),
        oid=found.oid,
        columns={column.label: column for column in columns.values()},
        key=key,
        references=tuple(references),
        recorded=recorded,
        adjusting=adjusting,
    )


def _soft_references(connection: BaseDatabaseWrapper, columns: Iterable[Column]) -> list[Reference]:
    """Return the foreign keys that only the model knows of (`db_constraint=False`)."""
    return [
        Reference(
            constraint="",
            target=connection.ops.quote_name(field.target_field.model._meta.db_table).replace("%", "%%"),
            columns=(column,),
            target_columns=(str(field.target_field.column),),
            field=field,
        )
        for column in columns
        if isinstance(field := column.field, models.ForeignKey)
    ]
