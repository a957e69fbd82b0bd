"""The response itself, under Django's own clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from django.db import connection, connections
from django.test import AsyncRequestFactory, Client, RequestFactory, override_settings

from audit_plugin.context.ids import uuid7
from audit_plugin.export import ExportResponse, plan_for
from audit_plugin.models import Context, Entry
from tests.conftest import Log
from tests.export.conftest import TENANT, add_entry, add_many, planned
from tests.export.test_record import ends, export_backends, no_export_backends


@pytest.fixture
def tenant(transactional_db: None) -> Iterator[str]:
    name = f"{TENANT}-{uuid7()}"
    add_many(name, 2000)
    yield name
    assert no_export_backends()


def asked_for() -> ASGIRequest:
    return AsyncRequestFactory().get("/export/")


@pytest.mark.django_db
def test_headers(ann: Context) -> None:
    response = ExportResponse(planned(), RequestFactory().get("/"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{response.stream.export.filename}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Accel-Buffering"] == "no"
    response.close()


@pytest.mark.django_db
@override_settings(AUDIT_EXPORT_FILENAME='Prüf"protokoll\r\nX-Evil: 1')
def test_a_name_can_t_add_a_header(ann: Context) -> None:
    response = ExportResponse(planned(), RequestFactory().get("/"))
    assert "\n" not in response["Content-Disposition"] and "X-Evil" not in response.headers
    response.close()


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.export.urls")
def test_the_page_s_user_is_the_actor(client: Client, exporter: User, ann: Context, log: Log) -> None:
    add_entry(ann)
    client.force_login(exporter)
    response = client.get("/export/", {"tenant": TENANT})
    assert response.streaming and b"".join(response).count(b"\n") == 2
    for entry in log(channel="audit"):
        assert entry.actor_id == str(exporter.pk) and entry.context.url.endswith(f"/export/?tenant={TENANT}")


@pytest.mark.django_db(transaction=True)
def test_closing_ends_the_export(tenant: str, log: Log) -> None:
    response = ExportResponse(plan_for(Entry.objects.filter(tenant=tenant)), RequestFactory().get("/"))
    content = iter(response)
    next(content), next(content)
    response.close()
    [details] = ends(log)
    assert details["complete"] is False and 0 < details["count"] < 2000


@pytest.mark.django_db(transaction=True)
def test_the_request_s_connection_is_given_back(tenant: str) -> None:
    response = ExportResponse(plan_for(Entry.objects.filter(tenant=tenant)), RequestFactory().get("/"))
    content = iter(response)
    next(content)
    assert connection.connection is None
    response.close()


@pytest.mark.django_db(transaction=True)
def test_pieces_come_one_by_one(tenant: str, log: Log) -> None:
    response = ExportResponse(plan_for(Entry.objects.filter(tenant=tenant)), asked_for())

    async def read() -> list[bytes]:
        return [piece async for piece in response]

    pieces = async_to_sync(read)()
    assert response.is_async
    assert len(pieces) > 10 and b"".join(pieces).count(b"\n") == 2001
    assert [details["complete"] for details in ends(log)] == [True]


@pytest.mark.django_db(transaction=True)
def test_an_async_reader_that_stops(tenant: str, log: Log) -> None:
    response = ExportResponse(plan_for(Entry.objects.filter(tenant=tenant)), asked_for())

    async def read() -> None:
        async with aclosing(aiter(response)) as content:
            await anext(content), await anext(content)

    async_to_sync(read)()
    assert [details["complete"] for details in ends(log)] == [False]


@pytest.mark.django_db(transaction=True)
def test_an_async_reader_that_is_cancelled_while_the_database_works(tenant: str, log: Log) -> None:
    export = plan_for(Entry.objects.filter(tenant=tenant), format="ndjson")
    export.entries = export.entries.extra(where=["pg_sleep(1) IS NOT NULL"])
    response = ExportResponse(export, asked_for())

    async def read() -> None:
        async for _piece in response:
            raise AssertionError("nothing comes for half an hour")

    def is_busy() -> bool:
        try:
            return bool(export_backends())
        finally:
            connections.close_all()

    async def cancel() -> None:
        task = asyncio.create_task(read())
        while not await asyncio.to_thread(is_busy):
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)

    async_to_sync(cancel)()
    assert [(details["complete"], details["count"]) for details in ends(log)] == [(False, 0)]
