"""Impersonation with django-hijack: both names on every entry."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit_plugin import display
from tests.conftest import Log
from tests.testapp.models import Author

pytestmark = pytest.mark.urls("tests.events.urls")


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_superuser("ada")


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_superuser("ben")


def test_both_names_are_on_every_entry(ada: User, ben: User, log: Log, client: Client, settings: Any) -> None:
    settings.AUDIT_SIGN_INS = True
    client.force_login(ada)
    client.post("/hijack/acquire/", {"user_pk": ben.pk})
    client.post("/admin/testapp/author/add/", {"name": "Ann", "api_token": "x"})
    client.post("/hijack/release/")
    client.post("/admin/testapp/author/add/", {"name": "Bob", "api_token": "x"})
    hijacked, own = log(model="testapp.author")
    context = hijacked.context
    assert (context.actor_id, context.impersonator_id) == (str(ben.pk), str(ada.pk))
    assert (context.actor_label, context.impersonator_label) == ("ben", "ada")
    assert display.describe(hijacked).startswith("ada as ben created")
    assert own.context.actor_id == str(ada.pk) and own.context.impersonator_id is None
    # Nobody signed in or out, and both ends are known.
    auth = [(entry.action, entry.object_repr, entry.actor_id) for entry in log(channel="auth")]
    assert auth == [
        ("auth.login", "ada", str(ada.pk)),
        ("auth.impersonation_started", "ben", str(ada.pk)),
        ("auth.impersonation_ended", "ben", str(ada.pk)),
    ]
    assert display.describe(log(action="auth.impersonation_started")[0]) == "ada began to act as ben"


def test_a_hook_of_the_host_s_goes_first(
    ada: User, ben: User, log: Log, client: Client, settings: Any
) -> None:
    settings.AUDIT_IMPERSONATOR = lambda request: None
    client.force_login(ada)
    client.post("/hijack/acquire/", {"user_pk": ben.pk})
    client.post("/admin/testapp/author/add/", {"name": "Ann", "api_token": "x"})
    assert log(model="testapp.author")[0].context.impersonator_id is None


def test_a_hijacker_who_is_gone_is_told_by_their_key(ada: User, ben: User, log: Log, client: Client) -> None:
    client.force_login(ada)
    client.post("/hijack/acquire/", {"user_pk": ben.pk})
    key = str(ada.pk)
    ada.delete()
    client.post("/admin/testapp/author/add/", {"name": "Ann", "api_token": "x"})
    assert Author.objects.exists() and log(model="testapp.author")[0].context.impersonator_id == key
