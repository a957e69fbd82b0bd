"""Fixtures for pytest. Turn them on in conftest.py: `pytest_plugins = ["audit_plugin.pytest_plugin"]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from audit_plugin.testing import capture


@pytest.fixture
def audit_capture(db: None) -> Iterator[Callable[..., capture]]:
    """Return a function that records what is written to some models until the test ends.

    It takes what `audit_plugin.testing.capture` takes, and returns the same. In a test with real transactions the
    log is emptied in the end.

    Example:
        def test_delete(audit_capture):
            log = audit_capture("shop.Book")
            Book.objects.create(title="Emma").delete()
            assert [entry.action for entry in log.entries()] == ["create", "delete"]
    """
    from audit_plugin import testing

    used = set()
    with ExitStack() as stack:

        def start(*models: str, using: str = DEFAULT_DB_ALIAS) -> capture:
            used.add(using)
            return stack.enter_context(testing.capture(*models, using=using))

        yield start
    for using in used:
        if not connections[using].in_atomic_block:
            testing.clear(using)
