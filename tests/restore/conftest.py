"""What the tests of restoring share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, models
from django.db.models import QuerySet

from audit_plugin import restore
from audit_plugin.context.ids import uuid7
from audit_plugin.events import Event, write_event
from audit_plugin.models import Entry
from audit_plugin.restore import Plan, Result

Row = dict[str, Any]


_begun = [0]


@pytest.fixture(autouse=True)
def begun(db: None) -> None:
    """Remember where the log is: it is append-only, so it keeps what tests that commit have written."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT last_value - (NOT is_called)::int FROM audit_plugin_entry_seq")
        _begun[0] = cursor.fetchone()[0]


def ours(**filters: Any) -> QuerySet[Entry]:
    """Return the entries that this test has made."""
    return Entry.objects.filter(seq__gt=_begun[0]).filter(**filters)


def row(record: models.Model, using: str = "default") -> Row | None:
    """Return a record's own table row as the database has it, every column as text; None where there is none."""
    meta = record._meta
    condition = " AND ".join(f'"{field.column}" = %s' for field in meta.pk_fields)
    key = record.pk if isinstance(record.pk, tuple) else [record.pk]
    with connections[using].cursor() as cursor:
        table = connections[using].ops.quote_name(meta.db_table)
        cursor.execute(f"SELECT * FROM {table} WHERE {condition}", list(key))
        columns = [f'"{column[0]}"::text'.replace("%", "%%") for column in cursor.description]
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {condition}", list(key))
        found = cursor.fetchone()
    return found and dict(zip(columns, found, strict=True))


def last(record: models.Model | None = None, **filters: Any) -> Entry:
    """Return the newest entry, of a record if one is given."""
    if record is not None:
        filters |= {"model": record._meta.label_lower, "object_id": str(record.pk)}
    return Entry.objects.filter(**filters).order_by("-seq")[0]


def behind_the_log(table: str, *statements: str) -> None:
    """Execute statements on a table while nothing records them."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
        )
        triggers = [name for (name,) in cursor.fetchall()]
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for name in triggers:
            cursor.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def make_entry(model: str, key: str, operation: str, changes: str, **columns: Any) -> Entry:
    """Write an entry as a trigger would have, or as it is after a part of it was erased."""
    event = write_event(Event("made.up", "data"))
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_plugin_entry (id, context_id, occurred_at, operation, action, channel, model, object_id, "
            "object_repr, changes, masked, details) SELECT %s, context_id, now(), %s, 'update', 'data', %s, %s, '', %s, %s, %s "
            "FROM audit_plugin_entry WHERE id = %s RETURNING id",
            [uuid7(), operation, model, key, changes, columns.get("masked"), columns.get("details"), event],
        )
        return Entry.objects.get(pk=cursor.fetchone()[0])


def undo(entry: Entry, **options: Any) -> Result:
    """Plan and apply the undoing of one entry."""
    return restore.apply(restore.plan(restore.Undo(entry, **options)))


def codes(plan: Plan) -> list[str]:
    """Return the codes of a plan's conflicts."""
    return [conflict.code.value for conflict in plan.conflicts]


def notes(plan: Plan) -> dict[str, str]:
    """Return the codes of a plan's notes by field."""
    return {note.field: note.code.value for note in plan.notes}


def becomes(plan: Plan) -> dict[str, Any]:
    """Return what the fields of a plan's first step become, those left out excepted."""
    return {step.field: step.becomes for step in plan.steps[0].fields if step.conflict is None}


Refused = Callable[..., restore.RestoreError]


@pytest.fixture
def refused() -> Refused:
    """Return a function that plans and applies, and returns the error that has to come."""

    def run(ask: restore.Ask, **options: Any) -> restore.RestoreError:
        with pytest.raises(restore.RestoreError) as caught:
            restore.apply(ask, **options)
        return caught.value

    return run
