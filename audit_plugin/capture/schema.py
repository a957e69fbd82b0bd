"""The log's own tables, functions and partitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources import files
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from audit_plugin.capture.columns import quote
from audit_plugin.conf import settings

TABLES = ("audit_plugin_entry", "audit_plugin_context")

#: In the order in which they depend on each other.
FUNCTION_FILES = ("guard_v1", "partitions_v1", "runtime_v1", "statement_parts_v1", "statement_v1", "record_v1")


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
        cursor.execute(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.oid = to_regclass('audit_plugin_entry')"
        )
        row = cursor.fetchone()
    return quote(row[0]) if row else None


@contextmanager
def owner_of_log(cursor: Any, schema: str) -> Iterator[None]:
    """Act as the role that owns the log's functions, where that is another one that the current role may become."""
    cursor.execute(
        "SELECT r.rolname, pg_has_role(r.oid, 'MEMBER') FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
        "WHERE p.oid = to_regproc(%s) AND p.proowner <> current_user::regrole",
        [f"{schema}.audit_plugin_event_v1"],
    )
    row = cursor.fetchone()
    if row is None or not row[1]:
        yield
        return
    cursor.execute(f"SET LOCAL ROLE {quote(row[0])}")
    yield
    cursor.execute("RESET ROLE")


def install_tables(using: str) -> None:
    """Create the log's tables where they are missing, as under test settings that skip migrations.

    Args:
        using: The database alias.
    """
    if log_schema(using) is not None:
        return
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        cursor.execute(read_sql("tables_v1", quote(cursor.fetchone()[0])))


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
        for table in TABLES:
            cursor.execute(f"DROP TABLE {schema}.{table}")
        cursor.execute(f"DROP SEQUENCE IF EXISTS {schema}.audit_plugin_entry_seq")
        if functions:
            cursor.execute(f"DROP FUNCTION {', '.join(functions)} CASCADE")


def install_functions(using: str) -> None:
    """Create or replace the functions that the capture triggers share, guard the tables and make partitions.

    Args:
        using: The database alias.
    """
    schema = log_schema(using)
    assert schema is not None
    with transaction.atomic(using), connections[using].cursor() as cursor, owner_of_log(cursor, schema):
        for name in FUNCTION_FILES:
            cursor.execute(read_sql(name, schema))
        for table in TABLES:
            cursor.execute(
                f"SELECT {schema}.audit_plugin_guard_table_v1(%s::regclass)",  # noqa: S608
                [f"{schema}.{table}"],
            )
    ensure_partitions(using)


def ensure_partitions(using: str, *, first: date | None = None, ahead: int | None = None) -> int:
    """Make the monthly partitions from this month on.

    Args:
        using: The database alias.
        first: A day of the first month; today by default.
        ahead: How many months beyond the current one; `AUDIT_PARTITIONS_AHEAD` by default.

    Returns:
        How many partitions were made.
    """
    schema = log_schema(using)
    today = timezone.now().date()
    months = settings.PARTITIONS_AHEAD if ahead is None else ahead
    last = today.replace(day=1, year=today.year + (today.month - 1 + months) // 12, month=(today.month - 1 + months) % 12 + 1)
    made = 0
    with transaction.atomic(using), connections[using].cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"SELECT {schema}.audit_plugin_partitions_v1(%s, %s, %s)",  # noqa: S608
                [table, (first or today).replace(day=1), last],
            )
            made += int(cursor.fetchone()[0])
    return made


def function_names(schema: str) -> set[str]:
    """Return the names of all functions that the `.sql` files make.

    Args:
        schema: The quoted schema of the log.
    """
    made = r"CREATE (?:OR REPLACE )?FUNCTION \S+?\.(audit_plugin_\w+)"
    return {name for file in FUNCTION_FILES for name in re.findall(made, read_sql(file, schema))}
