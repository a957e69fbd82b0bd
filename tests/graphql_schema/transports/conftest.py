"""Servers for all tests of a file, and somebody who follows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.export.conftest import make_user
from tests.graphql_schema.transports.servers import cookies_of, running
from tests.servers import Server


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[Server]:
    with running(getattr(request, "param", "uvicorn")) as started:
        yield started


@pytest.fixture
def viewer(transactional_db: None) -> User:
    return make_user("viewer", "audit_plugin.view_entry", "testapp.view_author")


@pytest.fixture
def cookies(viewer: User) -> dict[str, str]:
    return cookies_of(viewer)
