"""Counting what is new. It happens outside of every write: by `manage.py audit_optimise`, and bit by bit when the log is read."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connections, transaction

from audit_plugin.capture.privileges import owner_of_log
from audit_plugin.capture.relations import COUNTS
from audit_plugin.capture.schema import log_schema

TABLES = tuple(table for table in COUNTS if table != "audit_plugin_rollup_state")
BATCH = 200_000
#: How long to wait at a time for the transactions that are writing entries.
PAUSE = 0.2


def behind(using: str) -> int:
    """Return how many of the log's numbers have not been gone through.

    Args:
        using: The database alias.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT greatest(0, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_plugin_entry_seq) - seq) "
            "FROM audit_plugin_rollup_state"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def catching_up(using: str, *, patience: float = 10.0, batch: int = BATCH) -> Iterator[int]:
    """Count every entry that is settled: written by a transaction that has ended, with none before it still to come.

    Args:
        using: The database alias. Nothing is counted within a transaction that sees an old snapshot.
        patience: For how many seconds to wait for transactions that are writing entries.
        batch: How many entries are counted in one transaction.

    Yields:
        How many of the log's numbers have been gone through so far.
    """
    done, deadline = 0, time.monotonic() + patience
    while True:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT audit_plugin_rollup_v1(%s)", [batch])
            counted = int(cursor.fetchone()[0])
        if counted:
            done, deadline = done + counted, time.monotonic() + patience
            yield done
        elif not behind(using) or time.monotonic() > deadline:
            return
        else:
            time.sleep(PAUSE)


def catch_up(using: str, *, patience: float = 10.0, batch: int = BATCH) -> int:
    """Count every entry that is settled; see `catching_up`.

    Returns:
        How many of the log's numbers were gone through.
    """
    return max(catching_up(using, patience=patience, batch=batch), default=0)


def start_anew(using: str) -> None:
    """Forget the counts, for example after entries were removed; `catch_up` then counts the whole log.

    Args:
        using: The database alias.

    Raises:
        NotOwnerError: The current role may not act as the owner of the log.
    """
    schema = str(log_schema(using))
    with transaction.atomic(using), connections[using].cursor() as cursor, owner_of_log(cursor, schema):
        # The lock keeps others from counting what is being forgotten.
        cursor.execute(
            f"UPDATE {schema}.audit_plugin_rollup_state SET seq = 0, candidate = NULL, writers = NULL"
        )
        cursor.execute(f"TRUNCATE {', '.join(f'{schema}.{table}' for table in TABLES)}")
