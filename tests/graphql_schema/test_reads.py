"""Looks at personal records through a host's own Strawberry schema."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import strawberry
from asgiref.sync import sync_to_async
from django.db import connections

import audit_plugin
from audit_plugin.models import Entry
from graphql_schema.strawberry.reads import ReadExtension
from tests.conftest import Log
from tests.testapp.models import Author


@strawberry.type
class AuthorType:
    id: int
    name: str


@strawberry.type
class Query:
    @strawberry.field(graphql_type=AuthorType, extensions=[ReadExtension()])
    def author(self, pk: int) -> Any:
        return Author.objects.get(pk=pk)

    @strawberry.field(graphql_type=AuthorType, extensions=[ReadExtension()])
    async def author_later(self, pk: int) -> Any:
        return await Author.objects.aget(pk=pk)

    @strawberry.field(graphql_type=list[AuthorType])
    def authors(self) -> Any:
        return list(Author.objects.all())


schema = strawberry.Schema(Query)


@pytest.fixture(autouse=True)
def personal(settings: Any) -> None:
    settings.AUDIT_PERSONAL = ["testapp.Author"]


def reads(log: Log) -> list[Entry]:
    return log(channel="pii-read")


def test_a_field_that_returns_one_record(log: Log, db: None) -> None:
    author = Author.objects.create(name="Ann")
    with audit_plugin.context(actor="client"):
        result = schema.execute_sync("query($pk: Int!) { author(pk: $pk) { name } }", {"pk": author.pk})
        assert result.errors is None and result.data == {"author": {"name": "Ann"}}
        schema.execute_sync("{ authors { name } }")
    (entry,) = reads(log)
    assert (entry.object_id, entry.actor_id) == (str(author.pk), "service:client")


@pytest.mark.django_db(transaction=True)
def test_an_async_field(log: Log) -> None:
    author = Author.objects.create(name="Ann")

    async def run() -> Any:
        async with audit_plugin.context(actor="client"):
            found = await schema.execute(
                "query($pk: Int!) { authorLater(pk: $pk) { name } }", {"pk": author.pk}
            )
        await sync_to_async(connections.close_all)()
        return found

    result = asyncio.run(run())
    assert result.errors is None
    assert [entry.object_id for entry in reads(log)] == [str(author.pk)]
