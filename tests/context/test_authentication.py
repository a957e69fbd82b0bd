"""Users who become known after the middleware has run: token and JWT authentication of Django REST framework."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from tests.context.conftest import Authors
from tests.testapp.models import Author


class Tokens(TokenAuthentication):
    """DRF's token authentication, with the username as the token: its table isn't installed here."""

    def authenticate_credentials(self, key: str) -> tuple[User, None]:
        try:
            user = User.objects.get(username=key)
        except User.DoesNotExist:
            raise AuthenticationFailed from None
        # Some keep a note of when a token was last used; the user isn't known to the request yet.
        Author.objects.create(name=f"token of {user.username} used")
        return user, None


class Write(APIView):
    renderer_classes = (JSONRenderer,)

    def get(self, request, name: str) -> Response:
        Author.objects.create(name=name)
        return Response(name)


def before(get_response):
    """Stands for a middleware that writes before any view has authenticated."""

    def middleware(request):
        if "early" in request.GET:
            Author.objects.create(name="early")
        return get_response(request)

    return middleware


def write(request, name: str) -> HttpResponse:
    Author.objects.create(name=name)
    return HttpResponse()


urlpatterns = [
    path("token/<name>/", Write.as_view(authentication_classes=[Tokens])),
    path("jwt/<name>/", Write.as_view(authentication_classes=[JWTAuthentication])),
    path("stateless/<name>/", Write.as_view(authentication_classes=[JWTStatelessUserAuthentication])),
    path("session/<name>/", Write.as_view(authentication_classes=[SessionAuthentication])),
    path("none/<name>/", Write.as_view(authentication_classes=[])),
]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.context.test_authentication"),
    # The sample project's secret key is for show.
    pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning"),
]


def authorization(scheme: str, user: User) -> dict[str, str]:
    token = user.username if scheme == "Token" else AccessToken.for_user(user)
    return {"Authorization": f"{scheme} {token}"}


@pytest.mark.parametrize(("view", "scheme"), [("token", "Token"), ("jwt", "Bearer")])
def test_the_user_of_a_token_is_the_author(view, scheme, alice, bob, who_wrote: Authors):
    for name, user in (("Ann", alice), ("Ben", bob), ("Cy", alice)):
        assert Client().get(f"/{view}/{name}/", headers=authorization(scheme, user)).status_code == 200
    found = who_wrote()
    assert (found["Ann"], found["Ben"], found["Cy"]) == ("Alice Archer", "Bob Baker", "Alice Archer")


def test_a_token_wins_over_the_session_it_comes_with(alice, bob, who_wrote: Authors):
    client = Client()
    client.force_login(alice)
    client.get("/jwt/Ann/", headers=authorization("Bearer", bob))
    client.get("/session/Ben/")
    assert who_wrote() == {"Ann": "Bob Baker", "Ben": "Alice Archer"}


def test_what_authentication_itself_writes_is_not_yet_the_users(alice, who_wrote: Authors):
    Client().get("/token/Ann/", headers=authorization("Token", alice))
    assert who_wrote() == {"token of alice used": "anonymous", "Ann": "Alice Archer"}


def test_what_is_written_before_authentication_is_anonymous(alice, who_wrote: Authors, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.context.test_authentication.before"]
    Client().get("/jwt/Ann/?early", headers=authorization("Bearer", alice))
    assert who_wrote() == {"early": "anonymous", "Ann": "Alice Archer"}
    ids = {entry.context.request_id for entry in who_wrote.log(model="testapp.author")}
    assert len(ids) == 1


def test_a_user_who_exists_only_in_the_token_is_named_by_their_key(alice, bob, who_wrote: Authors):
    for name, user in (("Ann", alice), ("Ben", bob)):
        Client().get(f"/stateless/{name}/", headers=authorization("Bearer", user))
    for name, user in (("Ann", alice), ("Ben", bob)):
        context = who_wrote.one(object_repr=name)
        assert (context.actor_kind, context.actor_id) == ("user", str(user.pk))


def test_without_authentication_the_visitor_is_anonymous(who_wrote: Authors):
    Client().get("/none/Ann/")
    assert who_wrote() == {"Ann": "anonymous"}
