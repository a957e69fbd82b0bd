"""The log is append-only, for everybody and by every way."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from audit_plugin.exceptions import AppendOnlyError
from audit_plugin.models import Context, Entry
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db

STATEMENTS = [
    "UPDATE {table} SET id = id",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE false",
    "TRUNCATE {table}",
    "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
    "SET LOCAL pgtrigger.ignore = '{{audit_guard}}'; DELETE FROM {table}",
]


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::regclass::text FROM pg_partition_tree('audit_plugin_entry') "
            "UNION SELECT relid::regclass::text FROM pg_partition_tree('audit_plugin_context')"
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_change_of_the_log_is_refused_in_every_partition(statement: str) -> None:
    names = tables()
    assert len(names) >= 10
    for table in names:
        refused = pytest.raises(DatabaseError, match="append-only")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=table))


def test_new_partition_is_guarded() -> None:
    from datetime import date

    from audit_plugin.capture.schema import ensure_partitions

    ensure_partitions("default", first=date(2031, 1, 1), ahead=60)
    assert "audit_plugin_entry_2031_01" in tables()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE audit_plugin_entry_2031_01")


@pytest.mark.parametrize("model", [Entry, Context])
def test_models_refuse_with_a_clear_error(model: type[Entry] | type[Context]) -> None:
    Author.objects.create(name="Ann")
    row = model.objects.all()[0]
    for refused in (
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.all().update(id=row.id),
        lambda: model.objects.create(id=row.id),
        lambda: model.objects.bulk_create([row]),
        lambda: model.objects.bulk_update([row], ["id"]),
        lambda: model.objects.get_or_create(id=row.id),
        lambda: model.objects.update_or_create(id=row.id),
    ):
        with pytest.raises(AppendOnlyError, match="append-only"):
            refused()
