"""A connection of our own beside the one the host works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def own_connection(using: str) -> Iterator[BaseDatabaseWrapper]:
    """Open a connection that shares no transaction with anybody, and close it in the end.

    It has the settings and signals of the host's, so roles and row security set up on connecting hold here
    too. It is no part of the host's pool: a download may last for hours, and waiting for a second connection
    from a pool while holding the first is how pools come to a standstill.

    Args:
        using: The database alias.
    """
    shared = connections[using]
    options = {name: value for name, value in shared.settings_dict["OPTIONS"].items() if name != "pool"}
    own = type(shared)({**shared.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}, alias=using)
    # One download may be handed from thread to thread, one at a time.
    own.inc_thread_sharing()
    try:
        yield own
    finally:
        own.close()


@contextmanager
def time_limit(using: str, seconds: float) -> Iterator[None]:
    """End statements that take too long, in a transaction of their own; others of the host's keep their limit.

    Args:
        using: The database alias.
        seconds: How long a statement may take. 0: as long as the connection allows.

    Raises:
        django.db.OperationalError: A statement took longer.
    """
    connection = connections[using]
    if not seconds:
        yield
        return
    nested = connection.in_atomic_block
    with transaction.atomic(using), connection.cursor() as cursor:
        before = "0"
        if nested:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])
        yield
        if nested:
            # The setting would last until the host's transaction ends.
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
