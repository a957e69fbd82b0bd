"""Whoever follows may do so as long as they may: every way of losing it, while a stream runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils.functional import SimpleLazyObject

from audit_plugin.feed import FeedClosed, RequestWatch
from audit_plugin.visibility import Refusal
from tests.export.conftest import make_user


@pytest.fixture
def user(db: None) -> User:
    return make_user("follower", "audit_plugin.view_entry", "testapp.view_author")


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def request_of(client: Client | None, user: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    if client is not None:
        request.session = SessionStore(client.cookies["sessionid"].value)
    return request


@pytest.fixture
def watch(client: Client, user: User) -> RequestWatch:
    watch = RequestWatch(request_of(client, SimpleLazyObject(lambda: user)))
    assert watch.look().sees_model("testapp.author")
    return watch


def closed(watch: RequestWatch) -> str:
    with pytest.raises(FeedClosed) as caught:
        watch.look()
    return caught.value.code


def change_password(user: User, client: Client) -> None:
    user.set_password("another")
    user.save()


def deactivate(user: User, client: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete_user(user: User, client: Client) -> None:
    User.objects.filter(pk=user.pk).delete()


def sign_out(user: User, client: Client) -> None:
    client.logout()


def expire_session(user: User, client: Client) -> None:
    Session.objects.update(expire_date="2020-01-01T00:00:00Z")


def sign_in_as_another(user: User, client: Client) -> None:
    session = SessionStore(client.cookies["sessionid"].value)
    session["_auth_user_id"] = str(User.objects.create_user("another").pk)
    session.save()


@pytest.mark.parametrize(
    "loss", [change_password, deactivate, delete_user, sign_out, expire_session, sign_in_as_another]
)
def test_no_longer_signed_in(
    watch: RequestWatch, user: User, client: Client, loss: Callable[[User, Client], None]
) -> None:
    assert watch.look()
    loss(user, client)
    assert closed(watch) == "UNAUTHENTICATED"


def test_looking_leaves_the_session_alone(watch: RequestWatch, client: Client, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"
    before = list(Session.objects.values_list())
    assert watch.look().sees_model("testapp.author")
    assert list(Session.objects.values_list()) == before


def test_the_permission_is_taken_away(watch: RequestWatch, user: User) -> None:
    user.user_permissions.filter(codename="view_author").delete()
    assert not watch.look().sees_model("testapp.author")
    user.user_permissions.clear()
    assert closed(watch) == "FORBIDDEN"


def test_the_gate_closes(watch: RequestWatch, settings: Any) -> None:
    settings.AUDIT_GATE = lambda request: (
        Refusal("Your plan has ended.", "/plans/") if request.user.pk else None
    )
    with pytest.raises(FeedClosed) as caught:
        watch.look()
    assert (caught.value.code, caught.value.message, caught.value.url) == (
        "CLOSED",
        "Your plan has ended.",
        "/plans/",
    )


def test_the_tenants_change(watch: RequestWatch, settings: Any) -> None:
    settings.AUDIT_TENANT_SCOPE = lambda user: ["a"]
    assert watch.look().tenants == frozenset({"a"})


def test_nobody(db: None) -> None:
    assert closed(RequestWatch(request_of(None, AnonymousUser()))) == "UNAUTHENTICATED"


def test_authenticated_without_a_session(user: User) -> None:
    watch = RequestWatch(request_of(None, user))
    assert watch.look() and watch.look()
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert closed(watch) == "UNAUTHENTICATED"


def test_the_hosts_own_way(user: User) -> None:
    found: list[Any] = [user]
    watch = RequestWatch(request_of(None, AnonymousUser()), lambda request: found[0])
    assert watch.look().sees_model("testapp.author")
    found[0] = None
    assert closed(watch) == "UNAUTHENTICATED"
