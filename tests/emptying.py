"""A log that is empty before each test of a package whose `conftest` imports this."""

from __future__ import annotations

import pytest

from audit_plugin import testing


@pytest.fixture(autouse=True)
def empty_log(request: pytest.FixtureRequest) -> None:
    """Begin with an empty log: Django's `flush` makes permissions anew, which the product records."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None:
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        testing.clear()
