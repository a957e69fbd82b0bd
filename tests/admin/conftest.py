"""The three people of the demo, signed in, and their way of reading a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit_plugin import testing
from sample_project.sample.accounts import load_accounts

SignIn = Callable[[str], Client]
LIST = "/admin/audit_plugin/entry/"


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """The demo's accounts by username."""
    return load_accounts()


@pytest.fixture
def sign_in(people: dict[str, User]) -> SignIn:
    """Return a browser in which somebody has signed in."""

    def browser(username: str) -> Client:
        client = Client()
        client.force_login(people[username])
        return client

    return browser


def read(browser: Client, path: str = "", **query: Any) -> str:
    """Return a page of the log, which has to be there."""
    url = path if path.startswith("/") else LIST + path
    response = browser.get(url, query or ({"all": "1"} if url == LIST else {}))
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


@pytest.fixture(autouse=True)
def empty_log_before(db: None) -> None:
    """Begin with an empty log, whatever earlier tests have committed."""
    testing.clear()
