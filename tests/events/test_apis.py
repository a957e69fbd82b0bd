"""APIs without a session, in the ways of Django REST framework and Django Ninja: whose writes, signed in, refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from ninja import NinjaAPI
from ninja.security import APIKeyHeader, HttpBearer, django_auth
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from audit_plugin.context import hooks
from audit_plugin.events import api, signins
from tests.conftest import Log
from tests.events.urls import Tokens
from tests.testapp.models import Author, Book


class Key:
    """An API key that belongs to nobody."""

    name = "warehouse"

    def __str__(self) -> str:
        return "warehouse-secret"


class Bearer(HttpBearer):
    """The token is a username, that of a book of the same title, or itself."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return {"key": Key(), "text": token}.get(token) or User.objects.filter(username=token).first()


class ByHeader(APIKeyHeader):
    param_name = "X-API-Key"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return User.objects.filter(username=key).first()


ninja = NinjaAPI(urls_namespace="tests")


@ninja.post("/any", auth=[Bearer(), ByHeader(), django_auth])
def write(request: HttpRequest) -> str:
    Author.objects.create(name="by Ninja")
    return "done"


@ninja.post("/async", auth=Bearer())
async def awrite(request: HttpRequest) -> str:
    await Author.objects.acreate(name="by Ninja")
    return "done"


class Write(APIView):
    renderer_classes = (JSONRenderer,)
    permission_classes = (IsAuthenticated,)

    def post(self, request: Any) -> Response:
        Author.objects.create(name="by REST framework")
        return Response("done")


def rest(*classes: Any) -> Any:
    return Write.as_view(authentication_classes=classes)


urlpatterns = [
    path("ninja/", ninja.urls),
    path("basic", rest(BasicAuthentication)),
    path("session-first", rest(SessionAuthentication, Tokens, JWTAuthentication)),
    path("stateless", rest(JWTStatelessUserAuthentication)),
]

pytestmark = [
    pytest.mark.urls("tests.events.test_apis"),
    pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning"),
]


@pytest.fixture(autouse=True)
def sign_ins(settings: Any) -> None:
    settings.AUDIT_SIGN_INS = True
    signins.failures.clear()
    api.forget()


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben", password="correct horse")


def wrote(log: Log) -> list[tuple[str, str | None]]:
    return [(entry.context.actor_kind, entry.actor_id) for entry in log(model="testapp.author")]


def auth(log: Log) -> list[tuple[str, str, Any, Any]]:
    found = log(channel="auth")
    return [(entry.action, entry.object_repr, entry.actor_id, entry.details) for entry in found]


@pytest.mark.parametrize(
    ("url", "headers", "method"),
    [
        ("/ninja/any", {"Authorization": "Bearer ben"}, "Bearer"),
        ("/ninja/any", {"X-API-Key": "ben"}, "X-API-Key"),
        ("/session-first", {"Authorization": "Bearer ben"}, "Bearer"),
    ],
)
def test_whom_a_token_stands_for_is_the_author_and_has_signed_in(
    ben: User, log: Log, client: Client, url: str, headers: dict[str, str], method: str
) -> None:
    for _ in range(2):
        assert client.post(url, headers=headers).status_code == 200
    assert wrote(log) == [("user", str(ben.pk))] * 2
    assert auth(log) == [("auth.token_used", "ben", str(ben.pk), {"method": method})]


@pytest.mark.django_db(transaction=True)
def test_async_views_of_ninja(log: Log, ben: User, client: Client) -> None:
    assert client.post("/ninja/async", headers={"Authorization": "Bearer ben"}).status_code == 200
    assert wrote(log) == [("user", str(ben.pk))]
    assert [found[0] for found in auth(log)] == ["auth.token_used"]


def test_a_token_goes_before_the_session_it_comes_with(ben: User, log: Log, client: Client) -> None:
    eve = User.objects.create_user("eve")
    client.force_login(eve)
    client.post("/ninja/any")
    assert wrote(log) == [("user", str(eve.pk))]
    client.post("/ninja/any", headers={"Authorization": "Bearer ben"})
    assert wrote(log)[1:] == [("user", str(ben.pk))]
    assert [found[:2] for found in auth(log)] == [("auth.login", "eve"), ("auth.token_used", "ben")]


def test_a_token_that_has_a_user(ben: User, author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """As most libraries' tokens have; here a book stands for one."""
    request = HttpRequest()
    request.auth = Book.objects.create(title="A token", author=author)  # type: ignore[attr-defined]
    monkeypatch.setattr(Book._meta.get_field("author"), "name", "user")
    monkeypatch.setattr(Book, "user", property(lambda self: ben), raising=False)
    from audit_plugin.context.clients import acting

    assert acting(request) == ben and acting(request) is acting(request)


def test_what_names_nobody_is_not_stored_as_if_it_did(ben: User, log: Log, client: Client) -> None:
    for token in ("text", "key"):
        assert client.post("/ninja/any", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert wrote(log) == [("anonymous", None)] * 2
    assert auth(log) == []


def test_the_host_says_whom_a_key_stands_for(db: None, log: Log, client: Client, settings: Any) -> None:
    settings.AUDIT_API_CLIENT = lambda auth: auth.name if isinstance(auth, Key) else None
    for _ in range(2):
        client.post("/ninja/any", headers={"Authorization": "Bearer key"})
    assert wrote(log) == [("service", "service:warehouse")] * 2
    assert auth(log) == [("auth.token_used", "", "service:warehouse", {"method": "Bearer"})]


def test_a_user_who_exists_only_in_the_token(ben: User, log: Log, client: Client) -> None:
    header = {"Authorization": f"Bearer {AccessToken.for_user(ben)}"}
    assert client.post("/stateless", headers=header).status_code == 200
    assert [found[:3] for found in auth(log)] == [("auth.token_used", "", str(ben.pk))]


BASIC = base64.b64encode(b"ben:wrong").decode()


@pytest.mark.parametrize(
    ("url", "headers", "status", "said"),
    [
        ("/basic", {"Authorization": f"Basic {BASIC}"}, 401, {"account": "ben"}),
        ("/session-first", {"Authorization": "Bearer stolen"}, 403, {"method": "Bearer"}),
        ("/stateless", {"Authorization": "Bearer stolen"}, 401, {"method": "Bearer"}),
        ("/ninja/any", {"Authorization": "Bearer stolen"}, 401, {"method": "Bearer"}),
        ("/ninja/any", {"X-API-Key": "stolen"}, 401, {"method": "X-API-Key"}),
        ("/ninja/any", {"Authorization": "stolen-without-a-scheme"}, 401, {"method": "Authorization"}),
    ],
)
def test_a_refused_token_is_one_failure_and_never_stored(
    ben: User, log: Log, client: Client, url: str, headers: dict[str, str], status: int, said: dict[str, str]
) -> None:
    assert client.post(url, headers=headers).status_code == status
    (entry,) = log(channel="auth")
    assert entry.action == "auth.login_failed"
    assert said.items() <= entry.details.items()
    assert "stolen" not in str(entry.details) and entry.context.ip == "127.0.0.1"


def test_nobody_has_failed_who_came_with_nothing_or_may_not(ben: User, log: Log, client: Client) -> None:
    assert client.post("/ninja/any").status_code == 401
    assert client.post("/session-first").status_code == 403
    client.force_login(ben)
    checked = Client(enforce_csrf_checks=True)
    checked.cookies = client.cookies
    assert checked.post("/session-first", headers={"Authorization": "Other x"}).status_code == 403
    assert [found[0] for found in auth(log)] == ["auth.login"]


def test_whatever_goes_wrong_the_answer_is_sent(
    ben: User, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hooks, "_reported", set())
    monkeypatch.setattr(signins, "about", None)
    assert client.post("/ninja/any", headers={"X-API-Key": "ben"}).status_code == 200
    assert "could not be recorded" in caplog.text
