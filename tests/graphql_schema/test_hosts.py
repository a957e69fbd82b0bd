"""In a host's own schema and views, sync and async."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections
from django.test import RequestFactory

from sample_project.people.models import Tag
from tests.graphql_schema.engines import ENGINES

QUERY = """
{
  auditEntries(filter: {model: "people.tag"}, first: 2) {
    nodes { objectRepr actor { kind } changes { field } } count { value }
  }
  auditFacets { complete }
  hello
}
"""
WRONG = '{ auditEntry(id: "x") { id } hello }'


def request_of(user: User) -> Any:
    request = RequestFactory().post("/")
    request.user = user
    return request


def strawberry_schema() -> Any:
    import strawberry

    from graphql_schema.strawberry import AuditLimits, AuditMutation, AuditQuery

    @strawberry.type
    class Query(AuditQuery):
        @strawberry.field
        def hello(self) -> str:
            return "hello"

    @strawberry.type
    class Mutation(AuditMutation):
        pass

    return strawberry.Schema(query=Query, mutation=Mutation, extensions=[AuditLimits])


def graphene_schema() -> Any:
    import graphene

    from graphql_schema.graphene import AuditMutation, AuditQuery

    class Query(AuditQuery, graphene.ObjectType):
        hello = graphene.String()

        def resolve_hello(self, info: Any) -> str:
            return "hello"

    class Mutation(AuditMutation, graphene.ObjectType):
        pass

    return graphene.Schema(query=Query, mutation=Mutation)


SCHEMAS = {"strawberry": strawberry_schema, "graphene": graphene_schema}


def check(result: Any) -> None:
    assert result.errors is None
    assert [node["objectRepr"] for node in result.data["auditEntries"]["nodes"]] == ["Tag 4", "Tag 3"]
    assert result.data["auditEntries"]["count"] == {"value": 5}
    assert result.data["hello"] == "hello"


def test_merged_into_a_hosts_schema(admin: User, tags: list[Tag], engine: str) -> None:
    schema = SCHEMAS[engine]()
    run = schema.execute_sync if engine == "strawberry" else schema.execute
    contexts = [request_of(admin)]
    if engine == "strawberry":
        # What Strawberry's views hand in: an object, or a dictionary.
        from strawberry.django.context import StrawberryDjangoContext

        contexts += [{"request": request_of(admin)}, StrawberryDjangoContext(request_of(admin), None)]
    for context in contexts:
        check(run(QUERY, context_value=context))
    (error,) = run(WRONG, context_value=request_of(admin)).errors
    assert error.extensions == {"code": "INVALID_ID"}


@pytest.mark.django_db(transaction=True)
def test_in_an_event_loop(engine: str) -> None:
    admin = User.objects.create_superuser("ann")
    for number in range(5):
        Tag.objects.create(name=f"Tag {number}")
    schema = SCHEMAS[engine]()
    run = schema.execute if engine == "strawberry" else schema.execute_async

    async def both() -> tuple[Any, Any]:
        try:
            return (
                await run(QUERY, context_value=request_of(admin)),
                await run(WRONG, context_value=request_of(admin)),
            )
        finally:
            # The thread's connection; at the end of a request, Django does that.
            await sync_to_async(connections.close_all)()

    right, wrong = asyncio.run(both())
    check(right)
    assert [error.extensions for error in wrong.errors] == [{"code": "INVALID_ID"}]


@pytest.mark.skipif("strawberry" not in ENGINES, reason="Strawberry's own views")
def test_in_a_view_of_strawberrys(admin: User, tags: list[Tag]) -> None:
    import json

    from strawberry.django.views import GraphQLView

    from graphql_schema.strawberry import schema

    request = RequestFactory().post(
        "/", json.dumps({"query": "{ auditEntryCount { value } }"}), content_type="application/json"
    )
    request.user = admin
    response = GraphQLView.as_view(schema=schema)(request)
    assert json.loads(response.content)["data"]["auditEntryCount"]["value"] >= 5


@pytest.mark.skipif("graphene" not in ENGINES, reason="graphene's own views")
def test_in_a_view_of_graphene_djangos(admin: User, tags: list[Tag]) -> None:
    import json

    from graphene_django.views import GraphQLView

    from graphql_schema.graphene import schema, validation_rules

    def ask(query: str) -> Any:
        request = RequestFactory().post("/", json.dumps({"query": query}), content_type="application/json")
        request.user = admin
        view = GraphQLView.as_view(schema=schema, validation_rules=validation_rules())
        return json.loads(view(request).content)

    assert ask("{ auditEntryCount { value } }")["data"]["auditEntryCount"]["value"] >= 5
    many = " ".join(f"a{number}: auditFacets {{ complete }}" for number in range(40))
    assert [e["extensions"] for e in ask(f"{{ {many} }}")["errors"]] == [{"code": "TOO_COMPLEX"}]
