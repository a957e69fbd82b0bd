"""Secrets: that they changed is recorded, their values never."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection

from audit_plugin.capture.secrets import is_secret
from tests.conftest import Log
from tests.testapp.models import Author, Book

NAMES = {
    "password": True,
    "user_password": True,
    "passwords": True,
    "apiToken": True,
    "API-Key": True,
    "api_token2": True,
    "client_secret": True,
    "tokenizer": False,
    "secretary": False,
    "pass_rate": False,
    "keyword": False,
    "compass": False,
}


@pytest.mark.parametrize(("name", "secret"), NAMES.items())
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert is_secret(name) is secret


def everything_logged() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(e::text || c::text, '') FROM audit_plugin_entry e, audit_plugin_context c"
        )
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_secret_by_its_name_is_never_stored(log: Log) -> None:
    author = Author.objects.create(name="Ann", api_token="first-secret")
    author.api_token = "second-secret"
    author.save()
    author.delete()
    assert [(e.action, e.masked, (e.changes or {}).get("api_token")) for e in log()] == [
        (action, ["api_token"], None) for action in ("create", "update", "delete")
    ]
    assert [(c.field, c.masked, c.old, c.new) for c in log()[1].field_changes] == [
        ("api_token", True, None, None)
    ]
    assert "-secret" not in everything_logged()


@pytest.mark.django_db
def test_secret_by_option_is_never_stored(log: Log) -> None:
    book = Book.objects.create(title="Dune", pin="1234")
    Book.objects.filter(pk=book.pk).update(pin="4321")
    assert [entry.masked for entry in log()] == [["pin"], ["pin"]]
    assert "1234" not in everything_logged()


@pytest.mark.django_db
def test_hash_of_a_password_is_never_stored(log: Log) -> None:
    user = User.objects.create_user("ann", password="x")
    user.set_password("y")
    user.save()
    assert log(action="update")[0].masked == ["password"]
    assert user.password not in everything_logged()
