"""The log's own tables, functions and partitions."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

from django.db import connections, transaction

from audit_plugin.capture.columns import quote
from audit_plugin.capture.privileges import owner_of_log
from audit_plugin.capture.relations import COUNTS, KEYS, TABLES
from audit_plugin.conf import settings

#: In the order in which they depend on each other.
FUNCTION_FILES = (
    "guard_v1",
    "partitions_v1",
    "runtime_v1",
    "statement_parts_v1",
    "statement_v1",
    "record_v1",
    "baseline_v1",
    "harden_v1",
    "finder_v1",
    "rollup_v1",
)


def read_sql(name: str, schema: str) -> str:
    """Return one of the `.sql` files with the schema put in.

    Args:
        name: The file's name without its ending.
        schema: The quoted schema of the log.
    """
    text = (files("audit_plugin.capture") / "sql" / f"{name}.sql").read_text("utf-8")
    return text.replace("{schema_literal}", schema.replace("'", "''")).replace("{schema}", schema)


def log_schema(using: str) -> str | None:
    """Return the quoted schema in which the log lives, None where there is no log yet.

    Args:
        using: The database alias.
    """
    with connections[using].cursor() as cursor:
        # Not by to_regclass, which would find a temporary table of that name first.
        cursor.execute(
            "SELECT nspname FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (nspname, position) "
            "JOIN pg_namespace n USING (nspname) JOIN pg_class c ON c.relnamespace = n.oid "
            "WHERE relname = 'audit_plugin_entry' AND relkind = 'p' ORDER BY position LIMIT 1"
        )
        row = cursor.fetchone()
    return quote(row[0]) if row else None


def install_tables(using: str) -> str:
    """Create the log's tables where they are missing, as under test settings that skip migrations.

    Args:
        using: The database alias.

    Returns:
        The quoted schema of the log.
    """
    schema = log_schema(using)
    if schema is not None:
        return schema
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = quote(cursor.fetchone()[0])
        cursor.execute(read_sql("tables_v1", schema))
    return schema


def drop_tables(using: str) -> None:
    """Drop the log, its functions and every capture trigger; what `migrate audit_plugin zero` does.

    Args:
        using: The database alias.
    """
    schema = log_schema(using)
    if schema is None:
        return
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(
            r"SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = to_regnamespace(%s) "
            r"AND p.proname ~ '^audit_(plugin|insert|update|delete|truncate|links)_'",
            [schema],
        )
        functions = [row[0] for row in cursor.fetchall()]
        for table in (*TABLES, *COUNTS, KEYS):
            cursor.execute(f"DROP TABLE IF EXISTS {schema}.{table}")
        cursor.execute(f"DROP SEQUENCE IF EXISTS {schema}.audit_plugin_entry_seq")
        if functions:
            cursor.execute(f"DROP FUNCTION {', '.join(functions)} CASCADE")


def install_functions(using: str, schema: str) -> None:
    """Create or replace the functions of the log and the tables of its counts, guard the log and make partitions.

    Args:
        using: The database alias.
        schema: The quoted schema of the log.
    """
    with transaction.atomic(using), connections[using].cursor() as cursor, owner_of_log(cursor, schema):
        for name in FUNCTION_FILES:
            cursor.execute(read_sql(name, schema))
        for table in TABLES:
            cursor.execute(
                f"SELECT {schema}.audit_plugin_guard_table_v1(%s::regclass)",
                [f"{schema}.{table}"],
            )
    ensure_partitions(using)


def ensure_partitions(using: str, *, first: date | None = None, ahead: int | None = None) -> int:
    """Make the monthly partitions up to some months ahead.

    Args:
        using: The database alias.
        first: A day of the first month; today by default.
        ahead: How many months beyond the current one; `AUDIT_PARTITIONS_AHEAD` by default.

    Returns:
        How many partitions were made.

    Raises:
        NotOwnerError: `first` is given and the current role may not act as the owner of the log.
    """
    schema = log_schema(using)
    months = settings.PARTITIONS_AHEAD if ahead is None else ahead
    with transaction.atomic(using), connections[using].cursor() as cursor:
        if first is None:
            # Runs as the owner of the log, for everyone who may call it.
            cursor.execute(f"SELECT {schema}.audit_plugin_maintain_v1(%s)", [months])
            return int(cursor.fetchone()[0])
        with owner_of_log(cursor, str(schema)):
            cursor.execute(
                f"SELECT sum({schema}.audit_plugin_partitions_v1(parent, %s, "
                "(date_trunc('month', now()) + make_interval(months => %s))::date)) FROM unnest(%s::text[]) AS parent",
                [first.replace(day=1), months, list(TABLES)],
            )
            return int(cursor.fetchone()[0])


def function_names(schema: str) -> set[str]:
    """Return the names of all functions that the `.sql` files make.

    Args:
        schema: The quoted schema of the log.
    """
    made = r"CREATE (?:OR REPLACE )?FUNCTION \S+?\.(audit_plugin_\w+)"
    return {name for file in FUNCTION_FILES for name in re.findall(made, read_sql(file, schema))}
