"""A connection of our own beside the one the host works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
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
