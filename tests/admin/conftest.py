"""The three people of the demo, signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sample_project.sample.accounts import load_accounts

SignIn = Callable[[str], Client]


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
