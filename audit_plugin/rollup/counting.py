"""Counting what is new. It happens outside of every write: by `manage.py audit_optimise`, and bit by bit when the log is read."""

from __future__ import annotations

import time

from django.db import connections, transaction

from audit_plugin.capture.privileges import owner_of_log
from audit_plugin.capture.schema import log_schema, read_sql

TABLES = ("audit_plugin_kind", "audit_plugin_actor", "audit_plugin_rollup_day", "audit_plugin_rollup_month")
BATCH = 200_000
#: How long to wait at a time for the transactions that are writing entries.
PAUSE = 0.2


def install(using: str) -> None:
    """Create the tables and functions where they are missing.

    Args:
        using: The database alias.
    """
    schema = log_schema(using)
    if schema is None:
        return
    with transaction.atomic(using), connections[using].cursor() as cursor, owner_of_log(cursor, schema):
        cursor.execute(read_sql("rollup_v1", schema))


def catch_up(using: str, *, patience: float = 10.0, batch: int = BATCH) -> int:
    """Count every entry that is settled: written by a transaction that has ended, with none before it still to come.

    Args:
        using: The database alias. Nothing is counted within a transaction that sees an old snapshot.
        patience: For how many seconds to wait for transactions that are writing entries.
        batch: How many entries are counted in one transaction.

    Returns:
        How many of the log's numbers were gone through.
    """
    done, deadline = 0, time.monotonic() + patience
    with connections[using].cursor() as cursor:
        while True:
            cursor.execute("SELECT audit_plugin_rollup_v1(%s)", [batch])
            counted = int(cursor.fetchone()[0])
            done += counted
            if counted:
                continue
            cursor.execute(
                "SELECT state.seq < (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_plugin_entry_seq) "
                "FROM audit_plugin_rollup_state AS state"
            )
            if not cursor.fetchone()[0] or time.monotonic() > deadline:
                return done
            time.sleep(PAUSE)


def rebuild(using: str) -> int:
    """Count the whole log anew, for example after entries were removed from within a month.

    Args:
        using: The database alias. The role has to own the log.

    Returns:
        How many of the log's numbers were gone through.
    """
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
        cursor.execute("UPDATE audit_plugin_rollup_state SET seq = 0, candidate = NULL, writers = NULL")
    return catch_up(using)
