"""Large requests: memory that doesn't grow. Large logs: only indexed look-ups."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

import audit_plugin
from audit_plugin import restore
from audit_plugin.restore import Deleted, Request, Undo, Version
from tests.restore.conftest import last
from tests.testapp.models import Author, Book, Ticket

pytestmark = pytest.mark.django_db


def peak(rows: int) -> int:
    """Return the most memory that undoing a request of so many rows needs."""
    key = str(uuid4())
    Ticket.objects.bulk_create([Ticket(title=str(number)) for number in range(rows)])
    with audit_plugin.context(actor="x", request_id=key, name=key):
        Ticket.objects.update(title="same")
    tracemalloc.start()
    restore.apply(Request(key))
    needed = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    Ticket.objects.all().delete()
    return needed


def test_memory_does_not_grow_with_the_request(db: None) -> None:
    peak(3000)
    small, large = peak(3000), peak(30_000)
    assert large < 1.3 * small, f"{small:,} bytes for 3,000 rows, {large:,} for 30,000"


def test_a_plan_shows_the_first_steps_and_counts_them_all(db: None) -> None:
    Ticket.objects.bulk_create([Ticket(title=str(number)) for number in range(2500)])
    with audit_plugin.context(actor="x", request_id="large", name="large"):
        Ticket.objects.update(title="same")
    Ticket.objects.filter(title="same").update(title="later")
    plan = restore.plan(Request(str(last(model="testapp.ticket", changes__title__1="same").context_id)))
    assert (plan.step_count, plan.conflict_count, plan.clean_count) == (2500, 2500, 0)
    assert len(plan.steps) == len(plan.conflicts) == 1000


def test_a_plan_of_one_entry_reads_the_log_by_indexes_only(db: None) -> None:
    author = Author.objects.create(name="Frank")
    book = Book.objects.create(title="1", author=author)
    Book.objects.update(title="2")
    entry, created = last(book), last(author)
    Book.objects.update(title="3")
    doomed = Book.objects.create(title="doomed")
    key = doomed.pk
    doomed.delete()
    statements: list[tuple[str, Any]] = []

    def collect(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "audit_plugin_entry" in sql and sql.lstrip().startswith(("SELECT", "WITH")):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        for ask in (Undo(entry), Version(entry), Undo(created), Deleted(Book, str(key))):
            restore.plan(ask)
    assert len(statements) > 10
    with connection.cursor() as cursor:
        # Where there is no index to use, a sequential scan remains.
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in statements:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            found = cursor.fetchone()[0]
            plan = json.dumps(found if not isinstance(found, str) else json.loads(found))
            scanned = [node for node in nodes(json.loads(plan)[0]["Plan"]) if node["Node Type"] == "Seq Scan"]
            assert not [node for node in scanned if node["Relation Name"].startswith("audit_plugin_entry")], (
                sql
            )


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a plan's node and all below it."""
    return [plan, *(node for below in plan.get("Plans", []) for node in nodes(below))]
