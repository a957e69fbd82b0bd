"""What all tests share: the log of a test, read back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connections

from audit_plugin.models import Entry

Log = Callable[..., list[Entry]]


def log_since_now(using: str = "default") -> Log:
    """Return a function that reads what was logged since, oldest first; its keyword arguments filter."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT last_value - (NOT is_called)::int FROM audit_plugin_entry_seq")
        begun = cursor.fetchone()[0]

    def read(**filters: object) -> list[Entry]:
        found = Entry.objects.using(using).filter(seq__gt=begun, **filters)
        return list(found.select_related("context").order_by("seq"))

    return read


@pytest.fixture
def log(db: None) -> Log:
    """Return what was logged in the default database since the test began."""
    return log_since_now()
