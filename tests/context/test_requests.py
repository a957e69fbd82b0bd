"""Sync views: what a request writes is its user's, whenever that user becomes known."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.context.conftest import make_user
from tests.testapp.models import Author

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.context.urls")]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("view", ["write", "raw", "stream"])
def test_each_of_two_users_gets_what_they_wrote(view, alice, bob, who_wrote):
    for name, client in (("Ann", client_of(alice)), ("Ben", client_of(bob)), ("Cy", client_of(alice))):
        response = client.post(f"/{view}/{name}/")
        assert b"".join(response) if response.streaming else response.content
    assert who_wrote() == {"Ann": "Alice Archer", "Ben": "Bob Baker", "Cy": "Alice Archer"}


def test_everything_about_the_request_is_in_its_context(alice, who_wrote, settings):
    settings.AUDIT_TRUSTED_PROXIES = ["127.0.0.1"]
    client_of(alice).post(
        "/write/Ann/?token=abc&page=2",
        headers={"User-Agent": "Browser/1.0", "X-Request-ID": "req-1", "X-Forwarded-For": "203.0.113.9"},
    )
    context = who_wrote.one()
    assert (context.actor_kind, context.actor_id, context.actor_label, context.actor_email) == (
        "user",
        str(alice.pk),
        "Alice Archer",
        "alice@example.org",
    )
    assert (context.source, context.name, context.method) == ("web", "write", "POST")
    assert context.url == "/write/Ann/?token=***&page=2"
    assert (context.ip, context.user_agent, context.request_id) == ("203.0.113.9", "Browser/1.0", "req-1")
    assert context.impersonator_id is None
    assert context.db_role


def test_a_visitor_who_is_not_signed_in_is_anonymous(who_wrote):
    Client().post("/write/Ann/")
    context = who_wrote.one()
    assert (context.actor_kind, context.actor_id, context.url) == ("anonymous", None, "/write/Ann/")


def test_the_admin_is_a_source_of_its_own(alice, who_wrote):
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client_of(alice).post("/admin/auth/group/add/", {"name": "Editors"})
    (entry,) = who_wrote.log(model="auth.group")
    assert (entry.context.source, entry.context.name) == ("admin", "admin:auth_group_add")
    assert entry.actor_id == str(alice.pk)


def test_one_request_has_one_context(alice, who_wrote):
    client_of(alice).post("/write/Ann/")
    client_of(alice).post("/write/Ben/")
    contexts = [entry.context for entry in who_wrote.log(model="testapp.author")]
    assert len({context.id for context in contexts}) == 2
    assert len({context.request_id for context in contexts}) == 2


def test_who_signs_in_is_the_author_from_then_on(alice, bob, who_wrote):
    client_of(bob).post("/sign-in/alice/")
    assert who_wrote() == {"before": "Bob Baker", "after": "Alice Archer"}
    (entry,) = who_wrote.log(model="auth.user", context__url="/sign-in/alice/")
    assert (entry.object_id, entry.actor_id) == (str(alice.pk), str(alice.pk)), "the last sign-in"
    contexts = {entry.context for entry in who_wrote.log(model="testapp.author")}
    assert len({context.request_id for context in contexts}) == 1
    assert len({context.id for context in contexts}) == 2


def test_a_visitor_who_signs_in_was_anonymous_before(alice, who_wrote):
    Client().post("/sign-in/alice/")
    assert who_wrote() == {"before": "anonymous", "after": "Alice Archer"}


def test_signing_out_ends_it(alice, who_wrote):
    client = client_of(alice)
    client.post("/sign-out/")
    assert who_wrote() == {"before": "Alice Archer", "after": "anonymous"}


def test_what_is_written_while_signing_out_is_by_who_signs_out(alice, who_wrote):
    from django.contrib.auth.signals import user_logged_out

    def note(sender: object, user: User, **kwargs: object) -> None:
        Author.objects.create(name=f"{user.username} left")

    user_logged_out.connect(note)
    try:
        client_of(alice).post("/sign-out/")
    finally:
        user_logged_out.disconnect(note)
    assert who_wrote()["alice left"] == "Alice Archer"


def test_a_user_who_deletes_their_account_stays_the_author(alice, who_wrote):
    client_of(alice).post("/delete-own-account/")
    (entry,) = who_wrote.log(model="auth.user", action="delete")
    assert entry.actor_id == str(alice.pk)
    assert who_wrote() == {"afterwards": "Alice Archer"}


def test_a_user_deleted_later_is_still_named(alice, bob, who_wrote):
    key = str(alice.pk)
    client_of(alice).post("/write/Ann/")
    client_of(bob).post("/write/Ben/")
    alice.delete()
    assert who_wrote() == {"Ann": "Alice Archer", "Ben": "Bob Baker"}
    assert who_wrote.one(object_repr="Ann").actor_id == key


def test_a_user_renamed_later_keeps_the_name_of_then(alice, who_wrote):
    client_of(alice).post("/write/Ann/")
    User.objects.filter(pk=alice.pk).update(first_name="Alicia")
    client_of(alice).post("/write/Ben/")
    assert who_wrote() == {"Ann": "Alice Archer", "Ben": "Alicia Archer"}


def test_a_user_without_a_full_name_goes_by_the_username(db, who_wrote):
    user = User.objects.create_user("carol")
    client_of(user).post("/write/Ann/")
    assert who_wrote() == {"Ann": "carol"}


def test_a_read_does_not_ask_who_reads(alice):
    with CaptureQueriesContext(connection) as queries:
        response = client_of(alice).get("/read/")
    assert response.content == b"0"
    assert not [query for query in queries if "audit:" in query["sql"] and "testapp" in query["sql"]]
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_write_does_not_make_the_page_vary_by_cookie(alice, who_wrote):
    response = client_of(alice).post("/write/Ann/")
    assert who_wrote() == {"Ann": "Alice Archer"}
    assert "Cookie" not in response.headers.get("Vary", "")


def test_the_user_is_read_once_a_request(alice, django_assert_num_queries):
    client = client_of(alice)
    with django_assert_num_queries(3) as queries:  # the session, the user, the INSERT
        client.post("/write/Ann/")
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT", "INSERT"]


MIDDLEWARE = "audit_plugin.middleware.AuditMiddleware"


@pytest.fixture(params=["first", "last"])
def place(request, settings):
    """The middleware may stand anywhere."""
    others = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
    settings.MIDDLEWARE = [MIDDLEWARE, *others] if request.param == "first" else [*others, MIDDLEWARE]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("view", ["write", "awrite"])
def test_the_middleware_may_stand_anywhere(view, alice, bob, who_wrote):
    client_of(alice).post(f"/{view}/Ann/")
    client_of(bob).post(f"/{view}/Ben/")
    assert set(who_wrote(object_repr__startswith="Ann").values()) == {"Alice Archer"}
    assert set(who_wrote(object_repr__startswith="Ben").values()) == {"Bob Baker"}


@pytest.mark.usefixtures("place")
def test_signing_in_works_wherever_the_middleware_stands(alice, who_wrote):
    client = Client()
    client.post("/sign-in/alice/")
    client.post("/write/Ann/")
    assert who_wrote() == {"before": "anonymous", "after": "Alice Archer", "Ann": "Alice Archer"}


@pytest.mark.usefixtures("place")
def test_a_stale_session_that_is_saved_is_not_ended_by_our_look(alice):
    client = client_of(alice)
    alice.set_password("changed elsewhere")
    alice.save()
    response = client.post("/only-session/")
    assert response.status_code == 200
    assert client.session["cart"] == [1]
    assert client.session[SESSION_KEY] == str(alice.pk)


def test_a_forged_request_id_is_replaced(alice, who_wrote):
    client_of(alice).post("/write/Ann/", headers={"X-Request-ID": "'; DROP TABLE /*audit:*/"})
    assert uuid.UUID(who_wrote.one().request_id).version == 7


def test_a_request_with_nothing_but_garbage_is_recorded(alice, who_wrote, settings):
    settings.AUDIT_TRUSTED_PROXIES = ["0.0.0.0/0"]
    client_of(alice).generic(
        "PRÜF\x00",
        "/write/Ann/",
        QUERY_STRING="a=\x00\udcff%00%ff",
        HTTP_USER_AGENT="\x00\ud800*/ --",
        HTTP_X_FORWARDED_FOR="\x00, ::ffff:999.1.1.1",
        HTTP_X_REQUEST_ID="\ud800",
        REMOTE_ADDR="999.999.0.1%",
    )
    context = who_wrote.one()
    assert (context.actor_label, context.ip) == ("Alice Archer", None)
    assert context.user_agent == "\ufffd?*/ --"


def test_many_users_one_after_the_other_on_one_connection(who_wrote, db):
    users = [make_user(f"User{number} Name") for number in range(8)]
    for number, user in enumerate(users):
        client_of(user).post(f"/write/{number}/")
    assert who_wrote() == {str(number): f"User{number} Name" for number in range(8)}
