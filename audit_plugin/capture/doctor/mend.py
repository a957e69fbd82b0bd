"""Mends what `examine` finds, as far as that needs no decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import DatabaseError, OperationalError, connections, transaction

from audit_plugin.capture.columns import quote
from audit_plugin.capture.doctor.log import examine_guards, months_parameters, months_sql
from audit_plugin.capture.hardening import strays
from audit_plugin.capture.install import install
from audit_plugin.capture.privileges import log_owner, owner_of_log
from audit_plugin.capture.relations import TABLES
from audit_plugin.capture.schema import ensure_partitions, log_schema
from audit_plugin.conf import settings
from audit_plugin.exceptions import AuditError, BusyError

#: How long a lock on the log may be waited for. Everybody who writes to a recorded table waits behind us meanwhile.
LOCK_TIMEOUT = "3s"


def mend(using: str) -> Iterator[str]:
    """Mend what can be mended, and yield what was done or why it could not be.

    Args:
        using: The database alias.
    """
    schema = log_schema(using)
    if schema is None:
        return
    # Partitions first: those can be made by a role that may do nothing else.
    steps: list[Callable[[str, str], Iterator[str]]] = [
        _partitions,
        _owners,
        *([_triggers] if settings.CAPTURE else []),
        _guards,
        _defaults,
    ]
    for step in steps:
        try:
            yield from step(using, schema)
        except (AuditError, DatabaseError) as error:
            yield str(error).strip()


def _partitions(using: str, schema: str) -> Iterator[str]:
    if made := ensure_partitions(using):
        yield f"Made {made} partitions."


def _owners(using: str, schema: str) -> Iterator[str]:
    with transaction.atomic(using), connections[using].cursor() as cursor:
        statements = list(strays(cursor, schema, log_owner(cursor, schema)))
        for statement in statements:
            cursor.execute(statement)
    if statements:
        yield f"Gave {len(statements)} parts of the log back to its owner."


def _triggers(using: str, schema: str) -> Iterator[str]:
    report = install(using)
    if report.created:
        yield f"Installed {len(set(report.created))} triggers."
    if report.dropped:
        yield f"Dropped {len(report.dropped)} triggers."


def _guards(using: str, schema: str) -> Iterator[str]:
    with transaction.atomic(using), connections[using].cursor() as cursor:
        wrong = list(examine_guards(cursor, schema))
        if not wrong:
            return
        with owner_of_log(cursor, schema):
            for finding in wrong:
                if finding.code == "guard-altered":
                    cursor.execute(f"DROP TRIGGER audit_guard ON {finding.subject}")
                cursor.execute(
                    f"SELECT {schema}.audit_plugin_guard_table_v1(%s::regclass)", [finding.subject]
                )
    yield f"Guarded {len(wrong)} tables."


def _defaults(using: str, schema: str) -> Iterator[str]:
    for table in TABLES:
        if rows := empty_default(using, schema, table):
            yield f"Moved {rows:,} rows out of {table}_default."


def empty_default(using: str, schema: str, table: str) -> int:
    """Move the rows in a default partition to partitions of their months.

    The guards refuse to delete them, so the partition itself is taken off, its rows are written anew and it is dropped, all
    in one transaction; nobody sees the log without them.

    Args:
        using: The database alias.
        schema: The quoted schema of the log.
        table: The table.

    Returns:
        How many rows were moved.

    Raises:
        BusyError: Others kept the log locked.
        NotOwnerError: The current role may not act as the owner of the log.
    """
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            if not _months(cursor, f"{schema}.{table}_default"):
                return 0
            with owner_of_log(cursor, schema):
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                cursor.execute(f"LOCK TABLE {schema}.{table} IN ACCESS EXCLUSIVE MODE")
                return _rebuild(cursor, schema, table)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":
            raise
        raise BusyError from error


def _months(cursor: Any, default: str) -> dict[Any, int]:
    cursor.execute(
        f"SELECT month, count(*) FROM ({months_sql(default)}) AS found WHERE plausible GROUP BY 1 ORDER BY 1",
        months_parameters(),
    )
    return dict(cursor.fetchall())


def _rebuild(cursor: Any, schema: str, table: str) -> int:
    default, old = f"{schema}.{table}_default", f"{schema}.{table}_moving"
    months = _months(cursor, default)
    cursor.execute(f"ALTER TABLE {schema}.{table} DETACH PARTITION {default}")
    cursor.execute(f"ALTER TABLE {default} RENAME TO {table}_moving")
    cursor.execute(
        "SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = to_regclass(%s)",
        [old],
    )
    for (index,) in cursor.fetchall():
        # Else the new partition's indexes would have to make do with other names.
        cursor.execute(f"ALTER INDEX {schema}.{quote(index)} RENAME TO {quote(index[:50] + '_moving')}")
    for month in months:
        # Makes the new default partition as well.
        cursor.execute(f"SELECT {schema}.audit_plugin_partitions_v1(%s, %s, %s)", [table, month, month])
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        [old],
    )
    (columns,) = cursor.fetchone()
    cursor.execute(f"INSERT INTO {schema}.{table} ({columns}) SELECT {columns} FROM {old}")
    cursor.execute(f"DROP TABLE {old}")
    return sum(months.values())
