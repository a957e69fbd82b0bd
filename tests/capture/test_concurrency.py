"""Connections of one request, side by side."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

import audit_plugin
from tests.conftest import Log
from tests.testapp.models import Author


def write(name: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '10s'")
        Author.objects.create(name=name)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_second_connection_under_the_same_context_never_waits_for_the_first(log: Log) -> None:
    """Were there one row of the context for both, the thread would wait for a transaction that waits for the thread."""
    with audit_plugin.context(request_id=str(uuid.uuid4())), transaction.atomic():
        Author.objects.create(name="outer")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write, "inner").result(timeout=30)
    entries = log()
    assert [entry.object_repr for entry in entries] == ["outer", "inner"]
    assert len({entry.context.request_id for entry in entries}) == 1
    assert len({entry.context_id for entry in entries}) == 2


@pytest.mark.django_db
def test_statements_of_one_connection_share_one_context(log: Log) -> None:
    with audit_plugin.context(actor="importer"):
        Author.objects.create(name="a")
        Author.objects.create(name="b")
    assert len({entry.context_id for entry in log()}) == 1
