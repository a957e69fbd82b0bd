"""Through a gateway that stitches the audit log's schema to a host's, everything arrives as it was sent."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from audit_plugin.models import Entry
from tests.graphql_schema.gateway.conftest import HERE, ask, without_place
from tests.graphql_schema.node import needs_packages
from tests.graphql_schema.transports.servers import FEED, Subscriber
from tests.servers import Server
from tests.testapp.models import Author

pytestmark = [pytest.mark.django_db(transaction=True), needs_packages(HERE)]

JOINED = """query ($id: ID!) {
  author(id: $id) { name history(first: 1) { nodes { action objectRepr changes { field old new } } } }
  auditEntries(filter: {action: "create"}) { nodes { objectRepr } }
}"""
CREATE = 'mutation { createAuthor(name: "Ann") { id } }'


def test_a_record_of_the_host_with_its_history(stitching: Server, cookies: dict[str, str]) -> None:
    author = Author.objects.create(name="Ann")
    Author.objects.create(name="Bob")
    author.name = "Anne"
    author.save()
    change = {"field": "name", "old": "Ann", "new": "Anne"}
    entry = {"action": "update", "objectRepr": "Anne", "changes": [change]}
    assert ask(stitching, cookies, JOINED, id=author.pk) == {
        "data": {
            "author": {"name": "Anne", "history": {"nodes": [entry]}},
            "auditEntries": {"nodes": [{"objectRepr": "Bob"}, {"objectRepr": "Ann"}]},
        }
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ auditEntry(id: "forged") { id } }', "INVALID_ID"),
        ("{ auditEntries(first: -1) { nodes { id } } }", "BAD_USER_INPUT"),
        ('{ auditRecordHistory(model: "testapp.tag", objectId: "1") { nodes { id } } }', "FORBIDDEN"),
    ],
)
def test_errors_of_the_audit_log(
    stitching: Server, server: Server, cookies: dict[str, str], query: str, code: str
) -> None:
    [direct] = ask(server, cookies, query)["errors"]
    [passed] = ask(stitching, cookies, query)["errors"]
    assert passed["extensions"]["code"] == code
    assert without_place(passed) == without_place(direct)


def test_errors_of_the_host(stitching: Server, host: Server, cookies: dict[str, str]) -> None:
    query = '{ author(id: "0") { name } }'
    [direct] = ask(host, cookies, query, path="/shop/")["errors"]
    [passed] = ask(stitching, cookies, query)["errors"]
    assert passed["extensions"]["code"] == "NO_SUCH_AUTHOR"
    assert without_place(passed) == without_place(direct)


def test_an_error_below_a_record_of_the_host(
    stitching: Server, viewer: User, cookies: dict[str, str]
) -> None:
    author = Author.objects.create(name="Ann")
    viewer.user_permissions.clear()
    query = "query ($id: ID!) { author(id: $id) { name history { nodes { id } } } }"
    [error] = ask(stitching, cookies, query, id=author.pk)["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["author", "history"], "FORBIDDEN")


@pytest.mark.parametrize("headers", [{"X-CSRFToken": ""}, {"Origin": "https://evil.example"}])
def test_what_is_forged_is_refused_behind_the_gateway_as_well(
    stitching: Server, cookies: dict[str, str], headers: dict[str, str]
) -> None:
    answer = ask(stitching, cookies, CREATE, headers=headers)
    assert answer["errors"] and answer["data"] == {"createAuthor": None}
    assert not Author.objects.exists()


def test_entries_arrive_as_they_are_committed(stitching: Server, cookies: dict[str, str]) -> None:
    subscriber = Subscriber(stitching.port, cookies).begun()
    headers = {
        "Origin": "https://desk.example",
        "X-Forwarded-For": "203.0.113.9",
        "X-Request-ID": "from-the-edge",
    }
    created = ask(stitching, cookies, CREATE, headers=headers)["data"]["createAuthor"]["id"]
    subscriber.until(lambda: subscriber.names)
    [entry] = [step["entry"] for step in subscriber.feed if step["entry"]]
    assert (entry["action"], entry["objectRepr"], entry["actor"]["label"]) == ("create", "Ann", "viewer")
    cursor = subscriber.feed[-1]["cursor"]
    subscriber.leave()
    Author.objects.create(name="Bob")
    again = Subscriber(stitching.port, cookies, after=cursor)
    again.until(lambda: again.names)
    assert again.names == ["Bob"]
    again.leave()
    again.ended()
    subscriber.ended()
    context = Entry.objects.get(model="testapp.author", object_id=created).context
    assert (context.request_id, context.ip) == ("from-the-edge", "203.0.113.9")


def test_errors_of_a_subscription(stitching: Server, viewer: User, cookies: dict[str, str]) -> None:
    wrong = Subscriber(stitching.port, cookies, FEED, after="?").ended()
    assert [error["extensions"]["code"] for error in wrong.errors] == ["INVALID_CURSOR"]
    stranger = Subscriber(stitching.port, {"csrftoken": "x" * 32}).ended()
    assert [error["extensions"]["code"] for error in stranger.errors] == ["UNAUTHENTICATED"]
    subscriber = Subscriber(stitching.port, cookies).begun()
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    subscriber.ended(15)
    assert [error["extensions"]["code"] for error in subscriber.errors] == ["UNAUTHENTICATED"]
