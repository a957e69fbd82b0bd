"""Databases with roles of their own, shared by the tests of what a role can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.capture.roles import Team, team
from tests.testapp.models import Author


@pytest.fixture(scope="package")
def one_role(django_db_setup: None, django_db_blocker: Any) -> Iterator[Team]:
    """Level 0: one role migrates, owns everything and serves the application."""
    with django_db_blocker.unblock(), team("one", same=True) as made:
        Author.objects.using(made.app).create(id=1, name="Ann")
        yield made


@pytest.fixture(scope="package")
def hardened(django_db_setup: None, django_db_blocker: Any) -> Iterator[Team]:
    """Level 2: a role for the log, one that migrates, one for the application."""
    with django_db_blocker.unblock(), team("hard") as made:
        made.grant_host_rights()
        made.harden()
        Author.objects.using(made.app).create(id=1, name="Ann")
        yield made
