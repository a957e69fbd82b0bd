"""Signing in, out, and failing to: the admin, ways of the host's own, APIs without a session; passwords."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import isolate_apps

from audit_plugin import display
from audit_plugin.context import hooks
from audit_plugin.events import api, signins
from tests.conftest import Log
from tests.testapp.models import Author

pytestmark = pytest.mark.urls("tests.events.urls")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def sign_ins(settings: Any) -> None:
    settings.AUDIT_SIGN_INS = True
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "tests.events.urls.EmailBackend",
    ]
    signins.failures.clear()
    api.forget()


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_superuser("ben", "ben@example.org", PASSWORD)


def auth(log: Log) -> list[tuple[str, str, Any]]:
    return [(entry.action, entry.object_repr, entry.actor_id) for entry in log(channel="auth")]


def test_the_admin(ben: User, log: Log, client: Client) -> None:
    client.post("/admin/login/", {"username": "ben", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    client.post("/admin/logout/")
    key = str(ben.pk)
    assert auth(log) == [("auth.login", "ben", key), ("auth.logout", "ben", key)]
    entry = log(action="auth.login")[0]
    assert entry.context.ip == "192.0.2.7" and entry.details == {"backend": "ModelBackend"}
    assert (entry.model, entry.object_id) == ("auth.user", key)
    assert display.describe(entry) == "ben signed in"


def test_a_failure_names_the_account_and_never_the_password(ben: User, log: Log, client: Client) -> None:
    client.post("/admin/login/", {"username": "ben", "password": "guess-1234"})
    client.post("/admin/login/", {"username": "nobody", "password": "guess-1234"})
    known, unknown = log(channel="auth")
    assert (known.action, known.object_id, known.details["account"]) == (
        "auth.login_failed",
        str(ben.pk),
        "ben",
    )
    assert (unknown.object_id, unknown.details["account"]) == ("", "nobody")
    assert known.context.actor_kind == "anonymous" and known.details["outcome"] == "failure"
    assert display.describe(unknown) == "Somebody failed to sign in as nobody"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_plugin_entry AS e WHERE e::text LIKE '%guess-1234%'")
        assert cursor.fetchone() == (0,)


def test_a_login_of_the_host_s_own(ben: User, log: Log, client: Client) -> None:
    client.post("/login/", {"login": "ben@example.org", "password": "wrong"})
    client.post("/login/", {"login": "ben@example.org", "password": PASSWORD})
    client.get("/logout/")
    assert [action for action, _name, _actor in auth(log)] == [
        "auth.login_failed",
        "auth.login",
        "auth.logout",
    ]
    assert log(action="auth.login_failed")[0].details["account"] == "ben@example.org"
    assert log(action="auth.login")[0].details == {"backend": "EmailBackend"}


def test_signing_in_outside_of_a_request_is_the_user_s_own(ben: User, log: Log, client: Client) -> None:
    client.force_login(ben)
    assert auth(log) == [("auth.login", "ben", str(ben.pk))]


def test_an_api_client_signs_in_once_a_while(ben: User, log: Log, client: Client, settings: Any) -> None:
    author = Author.objects.create(name="Ann")
    for _ in range(3):
        assert (
            client.get(f"/api/authors/{author.pk}/", headers={"authorization": "Bearer ben"}).status_code
            == 200
        )
    assert auth(log) == [("auth.token_used", "ben", str(ben.pk))]
    # Another process knows of it by the log.
    api.forget()
    client.get("/api/authors/", headers={"authorization": "Bearer ben"})
    assert len(auth(log)) == 1
    api.forget()
    settings.AUDIT_SIGN_IN_WINDOW = 0
    client.get("/api/authors/", headers={"authorization": "Bearer ben"})
    assert len(auth(log)) == 2


def test_a_refused_token(log: Log, client: Client, db: None) -> None:
    assert client.get("/api/authors/", headers={"authorization": "Bearer stolen"}).status_code == 401
    (entry,) = log(channel="auth")
    assert (entry.action, entry.details["method"]) == ("auth.login_failed", "Bearer")
    assert "stolen" not in str(entry.details)


def test_pages_with_a_session_are_no_sign_in(ben: User, client: Client, log: Log) -> None:
    client.force_login(ben)
    client.get("/admin/")
    client.get("/authors/")
    assert [action for action, _name, _actor in auth(log)] == ["auth.login"]


def test_an_attack_can_t_fill_the_disk(log: Log, client: Client, db: None, settings: Any) -> None:
    for _ in range(120):
        client.post("/login/", {"login": "victim@example.org", "password": "x"})
    assert [entry.details["attempt"] for entry in log(channel="auth")] == [1, 2, 3, 4, 5, 10, 100]
    settings.AUDIT_SIGN_IN_FAILURES_PER_MINUTE = 20
    for number in range(50):
        client.post("/login/", {"login": f"{number}@example.org", "password": "x"})
    entries = log(channel="auth")
    assert len(entries) == 20
    assert entries[5].details["not_recorded"] == 4


def test_what_was_too_much_is_told_when_the_attack_is_over(ben: User, log: Log, client: Client) -> None:
    for _ in range(40):
        client.post("/login/", {"login": "ben@example.org", "password": "x"}, REMOTE_ADDR="192.0.2.7")
    for number in range(20):
        for _ in range(7):
            client.post("/login/", {"login": f"{number}@example.org", "password": "x"})
    recorded = len(log(channel="auth"))
    signins.tell_held()
    told = log(channel="auth")[recorded:]
    first, *others, rest = told
    assert first.details == {
        "account": "ben@example.org",
        "address": "192.0.2.7",
        "attempt": 40,
        "not_recorded": 30,
        "outcome": "failure",
    }
    assert first.context.actor_kind == "anonymous"
    assert len(others) == 4 and "attempt" not in rest.details and rest.details["account"] == "–"
    assert sum(entry.details.get("not_recorded", 0) for entry in log(channel="auth")) + recorded == 180
    signins.tell_held()
    assert len(log(channel="auth")) == recorded + len(told)


@pytest.mark.django_db(transaction=True)
def test_it_is_told_without_anybody_coming_again(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signins, "TELL_AFTER", 0.2)
    monkeypatch.delattr(mail, "outbox")
    monkeypatch.setattr(signins.atexit, "register", lambda function: None)
    for _ in range(9):
        signins.fail(None, "ben")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    deadline = time.monotonic() + 20
    while len(log(channel="auth")) < 6 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [entry.details.get("not_recorded") for entry in log(channel="auth")] == [None] * 5 + [4]


@pytest.mark.django_db(transaction=True)
def test_a_failure_stays_when_its_request_is_rolled_back(log: Log) -> None:
    with transaction.atomic():
        signins.fail(None, "ben")
        transaction.set_rollback(True)
    assert len(log(action="auth.login_failed")) == 1


def test_a_password_is_changed_by_its_owner(ben: User, log: Log, client: Client) -> None:
    client.force_login(ben)
    new = "another horse entirely"
    client.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert auth(log)[-1] == ("auth.password_changed", "ben", str(ben.pk))
    assert display.describe(log(channel="auth")[-1]) == "ben changed the password of ben"


# Which mailer a host configures from Django 6.1 on is not what this is about.
@pytest.mark.filterwarnings("ignore:Django 2028 will not have a default mailer")
def test_a_password_is_reset_by_a_link(ben: User, log: Log, client: Client) -> None:
    client.post("/accounts/password_reset/", {"email": "ben@example.org"})
    link = re.search(r"/accounts/reset/\S+", mail.outbox[0].body)[0]  # type: ignore[index]
    page = client.get(link, follow=True).redirect_chain[-1][0]
    new = "another horse entirely"
    client.post(page, {"new_password1": new, "new_password2": new})
    assert auth(log) == [("auth.password_reset", "ben", None)]


def test_a_password_is_set_by_somebody_else(ben: User, log: Log, client: Client) -> None:
    eve = User.objects.create_user("eve", password="x")
    client.force_login(ben)
    new = "another horse entirely"
    client.post(f"/admin/auth/user/{eve.pk}/password/", {"password1": new, "password2": new})
    eve.set_password("one more")
    eve.save()
    assert [entry[:2] for entry in auth(log)[1:]][-1] == ("auth.password_reset", "eve")


def test_a_password_is_taken_away(ben: User, log: Log, client: Client) -> None:
    eve = User.objects.create_user("eve", password="x")
    client.force_login(ben)
    with override_settings(ROOT_URLCONF="sample_project.urls"):
        url = f"/admin/auth/user/{eve.pk}/password/"
        assert client.post(url, {"usable_password": "false", "unset-password": ""}).status_code == 302
    assert not User.objects.get(pk=eve.pk).has_usable_password()
    assert auth(log)[1:] == [("auth.password_removed", "eve", str(ben.pk))]
    assert display.describe(log(channel="auth")[-1]) == "ben removed the password of eve"
    eve.set_unusable_password()
    eve.save(update_fields=["email"])
    assert len(auth(log)) == 2
    eve.set_password("another horse entirely")
    eve.save()
    eve.save()
    assert [found[0] for found in auth(log)[2:]] == ["auth.password_reset"]
    fresh = User(username="fresh")
    fresh.set_unusable_password()
    fresh.save()
    fresh.save()
    assert len(auth(log)) == 3


def test_no_password_is_changed_by_creating_an_account_or_renewing_a_hash(
    log: Log, db: None, settings: Any
) -> None:
    user = User.objects.create_user("eve", password="x")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert user.check_password("x")
    user.set_password("y")
    user.save(update_fields=["email"])
    assert auth(log) == []


def test_it_can_be_turned_off_and_is_off_with_capture(ben: User, log: Log, settings: Any) -> None:
    settings.AUDIT_SIGN_INS = False
    Client().force_login(ben)
    settings.AUDIT_SIGN_INS, settings.AUDIT_CAPTURE = True, False
    Client().force_login(ben)
    assert auth(log) == []


def test_a_log_that_can_t_be_written_keeps_nobody_out(
    ben: User, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION audit_plugin_record_v1 RENAME TO audit_plugin_gone")
    monkeypatch.setattr(hooks, "_reported", set())
    assert client.post("/login/", {"login": "ben@example.org", "password": PASSWORD}).content == b"yes"
    assert client.get("/admin/").status_code == 200
    assert "could not be recorded" in caplog.text


@isolate_apps("tests.testapp")
def test_a_proxy_of_the_user_model_is_an_account_as_well(
    ben: User, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StaffAccount(User):
        class Meta:
            proxy = True
            app_label = "testapp"

    monkeypatch.setattr(signins.apps, "get_models", lambda: [User, StaffAccount])
    signins.install()
    monkeypatch.undo()
    account = StaffAccount.objects.get(pk=ben.pk)
    account.set_password("another horse entirely")
    account.save()
    assert auth(log) == [("auth.password_reset", "ben", None)]
    assert log(channel="auth")[0].model == "auth.user"


def test_changepassword_counts_as_a_reset(ben: User, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt="": "another horse entirely")
    call_command("changepassword", "ben")
    assert auth(log) == [("auth.password_reset", "ben", None)]
