"""What is kept of a request: where it came in, its URL without secrets, an id that can be believed."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import include, path, resolve
from django.views import View

from audit_plugin.context.request import facts, request_frame, request_id


class GraphQLView(View):
    """Stands for the views of Strawberry and graphene, which go by this name."""

    def get(self, request):
        return HttpResponse()


class ApiGraphQLView(GraphQLView):
    pass


def plain(request, **kwargs):
    return HttpResponse()


def kiosk(request):
    return HttpResponse()


kiosk.audit_source = "kiosk"
back_office = AdminSite(name="back-office")


class urls:
    urlpatterns = [
        path("plain/", plain, name="plain"),
        path("unnamed/", plain),
        path("reset/<uidb64>/<token>/", plain, name="reset"),
        path("kiosk/", kiosk, name="kiosk"),
        path("graphql/", GraphQLView.as_view(), name="graphql"),
        path("api/", ApiGraphQLView.as_view(), name="api"),
        path("office/", back_office.urls),
        path("shop/", include(([path("buy/", plain, name="buy")], "shop"), namespace="north")),
    ]


def request_to(target: str, **extra: str):
    request = RequestFactory().get(target, **extra)
    request.resolver_match = resolve(request.path, urls)
    return request


@pytest.mark.parametrize(
    ("target", "source", "name"),
    [
        ("/plain/", "web", "plain"),
        ("/unnamed/", "web", "tests.context.test_request.plain"),
        ("/kiosk/", "kiosk", "kiosk"),
        ("/graphql/", "graphql", "graphql"),
        ("/api/", "graphql", "api"),
        ("/office/", "admin", "admin:index"),
        ("/office/password_change/", "admin", "admin:password_change"),
        ("/shop/buy/", "web", "north:buy"),
    ],
)
def test_source_and_name_come_from_the_view(target, source, name):
    found = facts(request_to(target))
    assert found["source"] == source
    assert found["name"] == name.replace("admin:", "back-office:")


def test_before_the_url_is_resolved_the_source_is_web():
    found = facts(RequestFactory().get("/plain/"))
    assert (found["source"], found["name"]) == ("web", None)


@pytest.mark.parametrize(
    ("target", "stored"),
    [
        ("/plain/?q=horse&page=2", "/plain/?q=horse&page=2"),
        ("/plain/?token=abc&q=x", "/plain/?token=***&q=x"),
        ("/plain/?access_token=abc", "/plain/?access_token=***"),
        ("/plain/?accessToken=abc", "/plain/?accessToken=***"),
        ("/plain/?X-Amz-Signature=abc", "/plain/?X-Amz-Signature=***"),
        ("/plain/?api%5Fkey=abc", "/plain/?api%5Fkey=***"),
        ("/plain/?APIKey=abc", "/plain/?APIKey=***"),
        ("/plain/?user[password]=abc", "/plain/?user[password]=***"),
        ("/plain/?code=abc&state=xyz", "/plain/?code=***&state=xyz"),
        ("/plain/?tokenizer=word&keyboard=de", "/plain/?tokenizer=word&keyboard=de"),
        ("/plain/?token", "/plain/?token"),
        ("/plain/?password=a%26b&password=c", "/plain/?password=***&password=***"),
        ("/reset/MQ/c8k-123abc/", "/reset/MQ/***/"),
    ],
)
def test_values_that_look_secret_are_masked_in_the_url(target, stored):
    assert facts(request_to(target))["url"] == stored


def test_a_long_url_and_a_long_user_agent_are_cut():
    found = facts(request_to(f"/plain/?q={'x' * 5000}", HTTP_USER_AGENT="a" * 5000))
    assert len(found["url"]) == 2000
    assert len(found["user_agent"]) == 500


@pytest.mark.parametrize(
    "given", ["abc-123", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a" * 128]
)
def test_the_id_a_proxy_gave_is_kept(given):
    assert request_id(RequestFactory().get("/", HTTP_X_REQUEST_ID=given)) == given


@pytest.mark.parametrize("given", ["", "a" * 129, "a b", "x\ny", "<b>", "ä", "a;b", "\x00"])
def test_an_id_that_can_not_be_one_is_replaced(given):
    assert uuid.UUID(request_id(RequestFactory().get("/", HTTP_X_REQUEST_ID=given))).version == 7


def test_the_header_of_the_id_is_a_setting(settings):
    settings.AUDIT_REQUEST_ID_HEADER = "X-Amzn-Trace-Id"
    assert request_id(RequestFactory().get("/", HTTP_X_AMZN_TRACE_ID="Root=1-67891233")) == "Root=1-67891233"


def test_a_request_takes_over_nothing_from_the_context_around_it():
    from audit_plugin import context

    with context(actor="test client", tenant="north", reason="none"):
        frame = request_frame(RequestFactory().get("/"))
    assert (repr(frame.actor), repr(frame.tenant), frame.metadata) == ("LIVE", "LIVE", {})
