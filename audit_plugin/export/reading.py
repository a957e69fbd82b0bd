"""Reading what a COPY yields, on a connection that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, tzinfo
from typing import Any

import psycopg
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit_plugin.connections import own_connection
from audit_plugin.export.statement import Statement

#: Limits of the session that a long download must not run into; what ends it is the client going away.
_TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout")


class Reader:
    """Runs one statement and hands out its rows: one snapshot, never more than a row in memory.

    Args:
        using: The database alias.
        zone: The time zone in which moments are written.
    """

    def __init__(self, using: str, zone: tzinfo) -> None:
        self.using = using
        self.zone = zone
        #: How many rows have been read so far.
        self.count = 0
        self._running: psycopg.Connection[Any] | None = None

    def lines(self, statement: Statement | None) -> Iterator[memoryview | bytes]:
        """Yield each row as the bytes that COPY makes of it; nothing where there is no statement."""
        if statement is None:
            return
        with self._copying(statement) as copy:
            for line in copy:
                self.count += 1
                yield line

    def rows(self, statement: Statement | None) -> Iterator[tuple[str | None, ...]]:
        """Yield each row as its cells; see `lines`."""
        if statement is None:
            return
        with self._copying(statement) as copy:
            for row in copy.rows():
                self.count += 1
                yield row

    def interrupt(self) -> None:
        """End the statement from another thread; the one that waits for it gets an error."""
        running = self._running
        if running is not None:
            with suppress(psycopg.Error):
                running.cancel_safe(timeout=5)

    @contextmanager
    def _copying(self, statement: Statement) -> Iterator[Any]:
        with self._connected() as connection, connection.wrap_database_errors:
            with connection.cursor() as cursor:
                self._prepare(cursor, connection)
            quickest = statement.on(connection.connection.info.server_version)
            self._running = connection.connection
            try:
                # Past Django's cursor, whose debugging variant takes no parameters for COPY. Leaving the
                # block early cancels the statement.
                with connection.connection.cursor() as raw, raw.copy(*quickest) as copy:
                    yield copy
            finally:
                self._running = None

    @contextmanager
    def _connected(self) -> Iterator[BaseDatabaseWrapper]:
        shared = connections[self.using]
        if not shared.in_atomic_block:
            with own_connection(self.using) as own:
                # One transaction holds the settings, so this is right behind a pooler as well.
                own.set_autocommit(False)
                yield own
            return
        # Within a transaction (a host's test, a script) what it has written belongs to what is read.
        with transaction.atomic(using=self.using):
            yield shared
            transaction.set_rollback(True, using=self.using)

    def _prepare(self, cursor: Any, connection: Any) -> None:
        timeouts = [*_TIMEOUTS, *(["transaction_timeout"] if connection.pg_version >= 170000 else [])]
        # Compiling so large an expression takes longer than it saves, and holds up the first row.
        settings = {"TimeZone": zone_name(self.zone), "jit": "off", **dict.fromkeys(timeouts, "0")}
        calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
        cursor.execute(f"SELECT {calls}", [part for item in settings.items() for part in item])


def zone_name(zone: tzinfo) -> str:
    """Return what PostgreSQL calls a time zone.

    Args:
        zone: A zone with a name, or a fixed distance from UTC.
    """
    key = getattr(zone, "key", None)
    if key:
        return str(key)
    minutes = (zone.utcoffset(datetime.now(zone)) or timedelta()) // timedelta(minutes=1)
    hours = f"{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    # POSIX counts westwards.
    return f"<{'-' if minutes < 0 else '+'}{hours}>{'+' if minutes < 0 else '-'}{hours}"
