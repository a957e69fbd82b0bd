"""Server-sent events from real servers."""

from __future__ import annotations

import signal

import httpx
import pytest
from django.contrib.auth.models import User

from tests.graphql_schema.transports.servers import FEED, Subscriber, headers_of, running
from tests.servers import Server
from tests.testapp.models import Author, Tag

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "{ __typename }"


@pytest.mark.parametrize("server", ["uvicorn", "daphne", "channels"], indirect=True)
def test_entries_arrive_as_they_are_committed(server: Server, cookies: dict[str, str]) -> None:
    subscriber = Subscriber(server.port, cookies).begun()
    assert subscriber.response is not None
    assert subscriber.response.headers["content-type"].startswith("text/event-stream")
    assert subscriber.feed[0]["entry"] is None
    Tag.objects.create(name="not for them to see")
    Author.objects.create(name="Ann")
    subscriber.until(lambda: subscriber.names)
    cursor = subscriber.feed[-1]["cursor"]
    subscriber.leave()
    Author.objects.create(name="Bob")
    again = Subscriber(server.port, cookies, after=cursor)
    again.until(lambda: again.names)
    again.leave()
    assert (subscriber.names[0], again.names) == ("Ann", ["Bob"])
    # A sign of life is what lets them go.
    again.ended()
    subscriber.ended()


def test_a_query_is_answered_with_one_event(server: Server, cookies: dict[str, str]) -> None:
    subscriber = Subscriber(server.port, cookies, QUESTION).ended()
    assert subscriber.events == [
        ("next", {"data": {"__typename": "Query"}}),
        ("complete", None),
    ]


# What urql sends, what browsers send by themselves, and graphql-sse.
@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (
            "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
            "application/graphql-response+json",
        ),
        ("text/event-stream, application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/event-stream", "text/event-stream"),
    ],
)
def test_one_result_is_json_wherever_that_is_accepted(
    server: Server, cookies: dict[str, str], accept: str, answered: str
) -> None:
    url, headers = f"http://127.0.0.1:{server.port}/graphql/", headers_of(cookies) | {"Accept": accept}
    answer = httpx.post(url, json={"query": QUESTION}, headers=headers, timeout=60)
    assert answer.headers["content-type"].partition(";")[0] == answered
    with httpx.stream("POST", url, json={"query": FEED}, headers=headers, timeout=60) as stream:
        streams = stream.headers["content-type"].startswith("text/event-stream")
    assert streams == ("text/event-stream" in accept)


def test_lines_end_in_nothing_but_lf(server: Server, cookies: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{server.port}/graphql/"
    answer = httpx.post(url, json={"query": QUESTION}, headers=headers_of(cookies), timeout=60)
    assert b"\r" not in answer.content and answer.content.endswith(b"event: complete\ndata:\n\n")


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription { auditFeed { nothing } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        (
            "subscription ($after: String) { auditFeed(after: $after) { cursor } }",
            {"after": "?"},
            "INVALID_CURSOR",
        ),
        (
            "subscription ($after: String) { auditFeed(after: $after) { cursor } }",
            {"after": "Zn__________"},
            "INVALID_CURSOR",
        ),
        ('subscription { auditFeed(filter: {model: "testapp.tag"}) { cursor } }', {}, "FORBIDDEN"),
        (
            "subscription { " + " ".join(f"a{i}: auditFeed {{ cursor }}" for i in range(1000)) + " }",
            {},
            "TOO_COMPLEX",
        ),
    ],
)
def test_what_is_wrong_is_said_with_a_code(
    server: Server, cookies: dict[str, str], query: str, variables: dict[str, str], code: str
) -> None:
    subscriber = Subscriber(server.port, cookies, query, **variables).ended()
    assert [error["extensions"]["code"] for error in subscriber.errors] == [code]
    assert subscriber.events[-1] == ("complete", None)


def test_nobody_and_those_who_may_not(server: Server, viewer: User, cookies: dict[str, str]) -> None:
    stranger = Subscriber(server.port, {"csrftoken": "x" * 32}).ended()
    assert [error["extensions"]["code"] for error in stranger.errors] == ["UNAUTHENTICATED"]
    viewer.user_permissions.clear()
    powerless = Subscriber(server.port, cookies).ended()
    assert [error["extensions"]["code"] for error in powerless.errors] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    "headers", [{"X-CSRFToken": ""}, {"Origin": "https://evil.example"}, {"Content-Type": "text/plain"}]
)
def test_forged_requests_are_refused(
    server: Server, cookies: dict[str, str], headers: dict[str, str]
) -> None:
    subscriber = Subscriber(server.port, cookies, headers=headers).ended()
    assert subscriber.response is not None and subscriber.response.status_code in (403, 415)
    assert subscriber.events == []


def test_signing_out_ends_the_stream(server: Server, viewer: User, cookies: dict[str, str]) -> None:
    subscriber = Subscriber(server.port, cookies).begun()
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    subscriber.ended(15)
    assert [error["extensions"]["code"] for error in subscriber.errors] == ["UNAUTHENTICATED"]
    assert subscriber.events[-1] == ("complete", None)


def test_labels_are_in_the_language_of_the_request(server: Server, cookies: dict[str, str]) -> None:
    query = "subscription { auditFeed { cursor entry { objectRepr modelLabel } } }"
    User.objects.filter(username="viewer").update(is_superuser=True)
    german = Subscriber(server.port, cookies, query, headers={"Accept-Language": "de"}).begun()
    french = Subscriber(server.port, cookies, query, headers={"Accept-Language": "fr"}).begun()
    User.objects.create_user("ann")
    labels = []
    for subscriber in (german, french):
        subscriber.until(lambda subscriber=subscriber: "ann" in subscriber.names)
        subscriber.leave()
        [label] = [step["entry"]["modelLabel"] for step in subscriber.feed if step["entry"]]
        labels.append(label.lower())
        subscriber.ended()
    assert labels == ["benutzer", "utilisateur"]


def test_errors_are_in_the_language_of_the_request(server: Server, cookies: dict[str, str]) -> None:
    german = {"Accept-Language": "de"}
    stranger = Subscriber(server.port, {"csrftoken": "x" * 32}, headers=german).ended()
    assert [error["message"] for error in stranger.errors] == [
        "Melden Sie sich an, um das Audit-Log zu sehen."
    ]
    query = "subscription { auditFeed(filter: {extra: 1}) { cursor } }"
    wrong = Subscriber(server.port, cookies, query, headers=german).ended()
    assert [error["message"] for error in wrong.errors] == ['extra: Schreiben Sie es als {"Name": "Wert"}.']


@pytest.mark.parametrize("server", ["gunicorn"], indirect=True)
def test_under_wsgi_it_is_said_at_once_that_this_does_not_work(
    server: Server, cookies: dict[str, str]
) -> None:
    url, headers = f"http://127.0.0.1:{server.port}/graphql/", headers_of(cookies)
    # The first request waits for the worker to start.
    assert httpx.post(url, json={"query": QUESTION}, headers=headers, timeout=60).status_code == 200
    answer = httpx.post(url, json={"query": FEED}, headers=headers, timeout=10)
    assert answer.status_code == 501
    assert answer.json()["errors"][0]["extensions"]["code"] == "NEEDS_ASGI"


@pytest.mark.parametrize("name", ["uvicorn", "daphne"])
def test_a_server_that_is_told_to_end_does(name: str, cookies: dict[str, str]) -> None:
    with running(name) as server:
        subscribers = [Subscriber(server.port, cookies).begun() for _ in range(3)]
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=30)
        for subscriber in subscribers:
            # Not completed: they are to come back.
            assert [name for name, _ in subscriber.ended().events] == ["next"] * len(subscriber.events)
