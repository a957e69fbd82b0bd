"""Who asks the same gets the same answer, made once; who sees less gets less."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest
import strawberry
from django.contrib.auth.models import User
from django.db import connections
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.translation import override
from strawberry.extensions import SchemaExtension

from audit_plugin import testing
from audit_plugin.feed import encode_position
from audit_plugin.models import Entry
from graphql_schema import types
from graphql_schema.engines import Operation
from graphql_schema.spec import View
from graphql_schema.strawberry import AuditLimits, AuditQuery, AuditSchema, AuditSubscription, schema
from graphql_schema.strawberry.following import is_plain
from graphql_schema.transports.answers import MOST_BYTES, Answer, Answers
from graphql_schema.transports.operations import results
from tests.export.conftest import make_user
from tests.feed.conftest import stop_reading
from tests.graphql_schema.transports.servers import FEED, Subscriber, cookies_of
from tests.testapp.models import Author, Tag

pytestmark = pytest.mark.django_db(transaction=True)

FILTERED = (
    "subscription ($filter: AuditEntryFilter, $after: String, $name: Boolean = true) {"
    " auditFeed(filter: $filter, after: $after) { cursor entry { actionLabel objectRepr @include(if: $name) } } }"
)


@pytest.fixture(autouse=True)
def _reading(transactional_db: None) -> Iterator[None]:
    testing.clear()
    yield
    stop_reading()


def request_of(user: User) -> HttpRequest:
    request = RequestFactory().post("/graphql/")
    request.user = user
    return request


def listen(asked: list[Callable[[], Any]], work: Callable[[], Any], count: int = 1) -> list[list[Answer]]:
    """Return what each gets who follows while something is done, without the first sign of life."""
    found: list[list[Answer]] = [[] for _ in asked]

    async def take(make: Callable[[], Any], into: list[Answer], begun: asyncio.Semaphore) -> None:
        async with aclosing(make()) as stream:
            async for answer in stream:
                into.append(answer)
                begun.release()
                if len(into) > count:
                    return

    def closing_behind() -> None:
        try:
            work()
        finally:
            connections.close_all()

    async def main() -> None:
        begun = asyncio.Semaphore(0)
        tasks = [
            asyncio.create_task(take(make, into, begun)) for make, into in zip(asked, found, strict=True)
        ]
        for _ in tasks:
            await asyncio.wait_for(begun.acquire(), 20)
        await asyncio.to_thread(closing_behind)
        await asyncio.wait_for(asyncio.gather(*tasks), 20)

    asyncio.run(main())
    return [answers[1:] for answers in found]


def asking(user: User, query: str = FEED, of: Any = schema, **variables: Any) -> Callable[[], Any]:
    return lambda: results(of, request_of(user), Operation(query, variables, None))


def test_the_same_question_has_one_answer() -> None:
    ann, bob = (make_user(name, "audit_plugin.view_entry", "testapp.view_author") for name in ("ann", "bob"))
    first, second = listen([asking(ann), asking(bob)], lambda: Author.objects.create(name="Ada"))
    assert json.loads(first[0].text)["data"]["auditFeed"]["entry"]["objectRepr"] == "Ada"
    assert first[0] is second[0]


def test_whoever_sees_less_gets_less() -> None:
    one = make_user("one", "audit_plugin.view_entry", "testapp.view_author")
    both = make_user("both", "audit_plugin.view_entry", "testapp.view_author", "testapp.view_tag")

    def work() -> None:
        Tag.objects.create(name="seen by one of them")
        Author.objects.create(name="Ada")
        Author.objects.create(name="Bea")

    less, more = listen([asking(one), asking(both)], work, count=2)
    names = [
        [json.loads(a.text)["data"]["auditFeed"]["entry"]["objectRepr"] for a in each]
        for each in (less, more)
    ]
    assert names == [["Ada", "Bea"], ["seen by one of them", "Ada"]]
    assert less[0] is more[1]


def test_what_somebody_may_see_is_asked_again(server: Any) -> None:
    """On a server that asks each second: who is let go gets nothing more of what is shared, the others do."""
    stays, goes = (
        make_user(name, "audit_plugin.view_entry", "testapp.view_author") for name in ("stays", "goes")
    )
    subscribers = [Subscriber(server.port, cookies_of(user)).begun() for user in (stays, goes)]
    Author.objects.create(name="Ada")
    for subscriber in subscribers:
        subscriber.until(lambda subscriber=subscriber: subscriber.names == ["Ada"])
    goes.user_permissions.clear()
    subscribers[1].ended()
    Author.objects.create(name="Bea")
    subscribers[0].until(lambda: subscribers[0].names == ["Ada", "Bea"])
    subscribers[0].leave()
    assert subscribers[1].names == ["Ada"]
    assert [error["extensions"]["code"] for error in subscribers[1].errors] == ["FORBIDDEN"]


def test_filters_and_places_differ_but_answers_are_shared() -> None:
    user = make_user("viewer", "audit_plugin.view_entry", "testapp.view_author")
    Author.objects.create(name="before")
    position = encode_position(Entry.objects.latest("seq").seq)
    asked = [
        asking(user, FILTERED),
        asking(user, FILTERED, filter={"action": "create"}),
        asking(user, FILTERED, after=position),
    ]
    answers = [each[0] for each in listen(asked, lambda: Author.objects.create(name="Ada"))]
    assert answers[0] is answers[1] is answers[2]


def test_another_selection_or_language_is_another_answer() -> None:
    user = make_user("viewer", "audit_plugin.view_entry", "testapp.view_author")

    async def in_german() -> Any:
        with override("de"):
            async for answer in results(schema, request_of(user), Operation(FILTERED, {}, None)):
                yield answer

    asked = [asking(user, FILTERED), asking(user, FILTERED, name=False), in_german]
    found = [each[0].text for each in listen(asked, lambda: Author.objects.create(name="Ada"))]
    entries = [json.loads(text)["data"]["auditFeed"]["entry"] for text in found]
    assert entries == [
        {"actionLabel": "Created", "objectRepr": "Ada"},
        {"actionLabel": "Created"},
        {"actionLabel": "Angelegt", "objectRepr": "Ada"},
    ]


class Shouting(SchemaExtension):
    """An extension of a host that treats somebody differently."""

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Change what somebody gets."""
        if self.execution_context.context.user.username == "loud":
            entry = result.data["auditFeed"]["entry"]
            if entry:
                entry["objectRepr"] = entry["objectRepr"].upper()
        yield


@strawberry.type
class Query(AuditQuery):
    """A host's."""


@strawberry.type
class Subscription(AuditSubscription):
    """A host's."""


def test_an_extension_of_a_host_is_asked_for_everybody() -> None:
    host = AuditSchema(query=Query, subscription=Subscription, extensions=[AuditLimits, Shouting])
    users = [make_user(name, "audit_plugin.view_entry", "testapp.view_author") for name in ("quiet", "loud")]
    asked = [asking(user, of=host) for user in users]
    found = listen(asked, lambda: Author.objects.create(name="Ada"))
    names = [json.loads(each[0].text)["data"]["auditFeed"]["entry"]["objectRepr"] for each in found]
    assert names == ["Ada", "ADA"]


def test_only_plain_schemas_share() -> None:
    class Quiet(AuditSchema):
        """A host's."""

    made: dict[str, Any] = {"query": Query, "subscription": Subscription}
    assert is_plain(schema)
    assert is_plain(AuditSchema(**made, extensions=[AuditLimits]))
    assert not is_plain(AuditSchema(**made, extensions=[AuditLimits, Shouting]))
    assert not is_plain(AuditSchema(**made))
    assert not is_plain(Quiet(**made, extensions=[AuditLimits]))
    assert not is_plain(strawberry.Schema(**made, extensions=[AuditLimits]))


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (FEED, {"after": 5}, "BAD_USER_INPUT"),
        (FEED, {"after": "nonsense"}, "INVALID_CURSOR"),
        ("subscription { auditFeed { nothing } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { auditFeed { cursor } more: auditFeed { cursor } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (
            f"subscription {{ auditFeed {{ {' '.join(f'a{n}: cursor' for n in range(20))} }} }}",
            {},
            "TOO_COMPLEX",
        ),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_what_is_wrong_at_once(query: str, variables: dict[str, Any], code: str) -> None:
    user = make_user("viewer", "audit_plugin.view_entry")

    async def all_of_it() -> list[Answer]:
        return [
            answer async for answer in results(schema, request_of(user), Operation(query, variables, None))
        ]

    (answer,) = asyncio.run(all_of_it())
    assert answer.errors is not None
    assert {error["extensions"]["code"] for error in answer.errors} == {code}


def test_nothing_shown_of_an_entry_depends_on_who_asks() -> None:
    """What lies behind a field is an object of the log; none of these types is handed the viewer."""
    views = [found for found in vars(types).values() if inspect.isclass(found) and issubclass(found, View)]
    assert types.AuditEntry in views
    for view in views:
        assert "viewer" not in inspect.getsource(view).lower(), view


def test_answers_take_little_memory() -> None:
    answers = Answers()
    for number in range(100):
        answers.put(number, Answer("x" * (MOST_BYTES // 10)))
    kept = [number for number in range(100) if answers.get(number)]
    assert kept == list(range(90, 100))
    answers.put("huge", Answer("x" * (MOST_BYTES + 1)))
    assert answers.get("huge") is None
    assert answers.get(99)
