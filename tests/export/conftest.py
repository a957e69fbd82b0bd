"""People who export, entries made to measure, and the bytes of a file."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connections

from audit_plugin.context.ids import uuid7
from audit_plugin.export import Export, ExportStream, plan_for
from audit_plugin.models import Context, Entry

#: 2026-01-15 13:30:45.123456 UTC, half past two in Berlin.
MOMENT = datetime(2026, 1, 15, 13, 30, 45, 123456, tzinfo=UTC)
TENANT = "export-tests"


def insert(table: str, values: dict[str, Any], using: str = "default") -> None:
    """Put a row into the log as nobody but a test may: it is append-only, but who owns it can append."""
    names = ", ".join(values)
    marks = ", ".join(
        "%s::jsonb" if isinstance(value, str) and name in JSON else "%s" for name, value in values.items()
    )
    with connections[using].cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


JSON = {"changes", "details", "metadata"}


def add_context(**given: Any) -> Context:
    """Add a context; a person called Ann unless said otherwise."""
    values = {
        "id": uuid7(),
        "actor_kind": "user",
        "actor_id": "7",
        "actor_label": "Ann Archer",
        "actor_email": "ann@example.org",
        "source": "web",
        "db_role": "app",
    } | given
    insert("audit_plugin_context", values)
    return Context.objects.get(pk=values["id"])


def add_entry(context: Context | None = None, using: str = "default", **given: Any) -> Entry:
    """Add an entry: an update of an author unless said otherwise. A text is JSON already."""
    context_id = uuid.uuid4() if context is None else context.pk
    values = {
        "id": uuid7(),
        "context_id": context_id,
        "occurred_at": MOMENT,
        "operation": "U",
        "action": "update",
        "channel": "data",
        "model": "testapp.author",
        "object_id": "1",
        "object_repr": "Ann",
        "actor_id": context.actor_id if context else None,
        "tenant": TENANT,
        "changes": {"name": ["Ann", "Anna"]},
    } | given
    for name in JSON & set(values):
        if not isinstance(values[name], str | None):
            values[name] = json.dumps(values[name])
    insert("audit_plugin_entry", values, using)
    return Entry.objects.using(using).get(pk=values["id"])


def add_many(tenant: str, number: int, size: int = 1000) -> None:
    """Add entries by the thousand, each with a text of some length."""
    context = add_context()
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_plugin_entry (id, context_id, occurred_at, operation, action, channel, model, object_id, "
            "object_repr, actor_id, tenant, changes) SELECT made, %s, now(), 'U', 'update', 'data', 'testapp.author', '1', "
            "'Ann', '7', %s, jsonb_build_object('text', jsonb_build_array(NULL, repeat(md5(made::text), %s))) "
            "FROM unnest(%s::uuid[]) AS made",
            [context.pk, tenant, size // 32, [uuid7() for _ in range(number)]],
        )


def planned(**choices: Any) -> Export:
    """Plan the export of what a test added."""
    return plan_for(Entry.objects.filter(tenant=TENANT), **choices)


def content(export: Export) -> bytes:
    return b"".join(ExportStream(export))


def csv_rows(export: Export) -> list[list[str]]:
    """Return the rows of a CSV as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(content(export).decode("utf-8-sig"), newline="")))


def one_cell(column: str) -> str:
    """Return the one cell of a CSV with one column and one entry."""
    _header, row = csv_rows(planned(columns=column))
    return row[0]


@pytest.fixture
def ann(db: None) -> Context:
    return add_context()


@pytest.fixture
def exporter(db: None) -> User:
    """A user who may view and export the log and view authors."""
    return make_user(
        "exporter", "audit_plugin.view_entry", "audit_plugin.export_entry", "testapp.view_author"
    )


def make_user(name: str, *permissions: str) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "secret")
    for permission in permissions:
        app_label, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app_label, codename=codename)
        )
    return User.objects.get(pk=user.pk)


Make = Callable[..., Entry]
