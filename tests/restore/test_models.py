"""Every kind of model goes back exactly: inheritance, keys, generated columns, defaults, partitions, odd names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import DateRange

from audit_plugin import restore
from audit_plugin.restore import Deleted, Undo, Version
from tests.restore.conftest import last, make_entry, notes, ours, row, undo
from tests.restore.factories import person, session
from tests.testapp.models import (
    Author,
    Book,
    Category,
    Exotic,
    Legacy,
    Measurement,
    OrderLine,
    Parcel,
    Restaurant,
    Ticket,
    Untracked,
)

pytestmark = pytest.mark.django_db

#: A record of each kind: how it is made, and how it is changed.
RECORDS: dict[str, tuple[type[models.Model], dict[str, Any], dict[str, Any]]] = {
    "several tables": (Restaurant, {"name": "Noma", "stars": 2}, {"name": "Geranium", "stars": 3}),
    "uuid key": (Ticket, {"title": "A"}, {"title": "B"}),
    "composite key": (OrderLine, {"order": "A", "position": 1, "quantity": 1}, {"quantity": 2}),
    "generated column": (Parcel, {"width": 2, "height": 3}, {"width": 5}),
    "default in the database": (Parcel, {"width": 2, "height": 3}, {"state": "sent"}),
    "partitioned": (Measurement, {"id": 1, "sensor": "a", "year": 2025, "value": 1}, {"value": 2}),
    "moved to another partition": (
        Measurement,
        {"id": 1, "sensor": "a", "year": 2025, "value": 1},
        {"year": 2026},
    ),
    "quoted names": (Legacy, {"full_name": "O'Hara \\ 100%"}, {"full_name": 'say "%s"'}),
    "json": (
        Book,
        {"title": "a", "data": {"x": [1.10, None, "é\\"]}},
        {"data": [{"y": 12345678901234567890}]},
    ),
    "json null": (Book, {"title": "a", "data": models.Value(None, models.JSONField())}, {"data": {"x": 1}}),
    "moment set by Django": (Book, {"title": "a"}, {"created": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}),
}


def change(model: type[models.Model], record: models.Model, values: dict[str, Any]) -> None:
    """Change a record below the ORM's own save, which would set more than that."""
    model._base_manager.filter(pk=record.pk).update(**values)


@pytest.mark.parametrize(("model", "made", "changed"), RECORDS.values(), ids=RECORDS)
def test_changed_and_back(model: type[models.Model], made: dict[str, Any], changed: dict[str, Any]) -> None:
    record = model._base_manager.create(**made)
    entry, before = last(), row(record)
    seq = entry.seq
    change(model, record, changed)
    restore.apply(restore.Entries(ours(seq__gt=seq)))
    assert row(record) == before
    change(model, record, changed)
    restore.apply(Version(entry))
    assert row(record) == before


@pytest.mark.parametrize(("model", "made", "changed"), RECORDS.values(), ids=RECORDS)
def test_deleted_and_back(model: type[models.Model], made: dict[str, Any], changed: dict[str, Any]) -> None:
    record = model._base_manager.create(**made)
    before = row(record)
    model._base_manager.filter(pk=record.pk).delete()
    assert row(record) is None
    undo(last(operation="D", model=model._meta.label_lower))
    assert row(record) == before


@pytest.mark.parametrize(("model", "made", "changed"), RECORDS.values(), ids=RECORDS)
def test_created_and_gone(model: type[models.Model], made: dict[str, Any], changed: dict[str, Any]) -> None:
    record = model._base_manager.create(**made)
    undo(last(operation="I", model=model._meta.label_lower))
    assert row(record) is None


#: Values that lose something when they pass through Python, or through JSON carelessly.
VALUES: dict[str, list[Any]] = {
    "duration": [dt.timedelta(days=-1, microseconds=1), dt.timedelta(days=999999, hours=3)],
    "blob": [b"", b"\x00\xff\\x41", bytes(range(256))],
    "ratio": [0.1 + 0.2, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"), float("-inf"), -0.0],
    "address": ["2001:db8::1", "10.0.0.1"],
    "at": [dt.time(0, 0), dt.time(23, 59, 59, 999999)],
    "moment": [
        dt.datetime(1, 1, 1, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    ],
    "numbers": [[], [1, None, -2147483648], None],
    "period": [DateRange(None, None), DateRange(dt.date(2026, 1, 1), None), DateRange(empty=True)],
    "flag": [True, False, None],
    "big": [-9223372036854775808, 9223372036854775807],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in VALUES.items() for value in values]
)
def test_values_come_back_exactly(field: str, value: Any) -> None:
    record = Exotic.objects.create(**{field: value})
    before = row(record)
    Exotic.objects.filter(pk=record.pk).delete()
    undo(last(operation="D"))
    assert row(record) == before
    Exotic.objects.filter(pk=record.pk).update(**{field: None})
    if value is not None:
        undo(last(operation="U"))
    assert row(record) == before


#: Types that Django has no field for, and a value of each.
TYPES = {
    "numeric": "123456789012345678901234567890.123456789012345678901234567890",
    "numeric(6, 2)": "-0.10",
    "money": "$1,234.56",
    "interval": "1 mon -3 days 04:05:06.000007",
    "bit varying": "10110",
    '"char"': "x",
    "character(5)": "ab",
    "json": '{"a": [1.50, null], "b": 1}',
    "jsonb": '"a \\" string"',
    "point": "(1.5,-2)",
    "tsvector": "'a':1A 'b':2",
    "int4range": "[1,5)",
    "int4multirange": "{[1,3),[5,7)}",
    "text[]": '{"a,b",NULL,"c\\"d"}',
    "integer[]": "{{1,2},{3,4}}",
    "timetz": "12:34:56+02",
    "date": "infinity",
    "timestamp": "4714-11-24 00:00:00 BC",
    "macaddr": "08:00:2b:01:02:03",
    "pg_lsn": "16/B374D848",
    "mood": "so-so",
    "mood[]": "{sad,so-so}",
    "pair": '(1,"a,b")',
    "positive": "7",
}


@pytest.mark.parametrize(("kind", "value"), TYPES.items(), ids=TYPES)
def test_types_of_the_database_come_back_exactly(kind: str, value: str) -> None:
    from audit_plugin.capture.install import install

    with connection.cursor() as cursor:
        cursor.execute("CREATE TYPE mood AS ENUM ('sad', 'so-so')")
        cursor.execute("CREATE TYPE pair AS (a integer, b text)")
        cursor.execute("CREATE DOMAIN positive AS integer CHECK (VALUE > 0)")
        cursor.execute(f"ALTER TABLE testapp_exotic ADD COLUMN odd {kind}")
    install("default")
    record = Exotic.objects.create()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testapp_exotic SET odd = %s", [value])
    before = row(record)
    Exotic.objects.all().delete()
    undo(last(operation="D"))
    assert row(record) == before
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testapp_exotic SET odd = NULL")
    undo(last(operation="U"))
    assert row(record) == before


def test_the_session_does_not_change_what_is_restored(db: None) -> None:
    record = Exotic.objects.create(
        duration=dt.timedelta(days=40, seconds=1), moment=dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC), ratio=0.1 + 0.2,
        blob=b"\xff",
    )  # fmt: skip
    before = row(record)
    Exotic.objects.update(duration=None, moment=None, ratio=None, blob=None)
    entry = last(record)
    settings = {
        "TimeZone": "Asia/Tokyo",
        "IntervalStyle": "sql_standard",
        "extra_float_digits": "0",
        "bytea_output": "escape",
        "search_path": "pg_catalog, public",
    }
    with connection.cursor() as cursor:
        was = {}
        for name, value in settings.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            was[name] = cursor.fetchone()[0]
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        undo(entry)
        for name, value in settings.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            assert cursor.fetchone()[0].startswith(value)
        for name, value in was.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    assert row(record) == before


def test_fields_that_django_sets_are_set_as_recorded(db: None) -> None:
    photos = session()
    before = row(photos)
    photos.title = "Later"
    photos.save()
    assert row(photos)['"updated_at"::text'] != before['"updated_at"::text']
    undo(last(photos))
    assert row(photos) == before


def test_no_signals_but_ours_are_sent(db: None) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    heard = []

    def hear(sender: Any, **values: Any) -> None:
        heard.append(sender)

    signals = [
        models.signals.pre_save,
        models.signals.post_save,
        models.signals.pre_delete,
        models.signals.m2m_changed,
    ]
    for signal in signals:
        signal.connect(hear)
    try:
        undo(last(book))
    finally:
        for signal in signals:
            signal.disconnect(hear)
    assert heard == []


def test_a_file_comes_back_as_a_reference(db: None) -> None:
    book = Book.objects.create(title="Dune", cover="covers/a.png")
    Book.objects.update(cover="covers/b.png")
    plan = restore.plan(Undo(last(book)))
    assert notes(plan) == {"cover": "file"}
    restore.apply(plan)
    book.refresh_from_db()
    assert book.cover.name == "covers/a.png"


def test_references_to_itself(db: None) -> None:
    root = Category.objects.create(name="root")
    Category.objects.filter(pk=root.pk).update(parent=root)
    before, key = row(root), root.pk
    Category.objects.filter(pk=key).delete()
    restore.apply(Deleted(Category, str(key)))
    assert row(root) == before


def test_a_model_that_is_no_longer_recorded(db: None) -> None:
    record = Untracked.objects.create(name="now")
    entry = make_entry("testapp.untracked", str(record.pk), "U", '{"name": ["then", "now"]}')
    plan = restore.plan(Undo(entry))
    assert "not_recorded" in [note.code for note in plan.notes]
    restore.apply(plan)
    record.refresh_from_db()
    assert record.name == "then"
    told = last(action="audit.restored")
    assert (told.channel, told.model, told.details["records"]) == ("audit", "testapp.untracked", 1)


def test_people_of_the_product(db: None) -> None:
    """A model with a unique index over an expression, choices, a self reference and a secret."""
    ann, boss = person(), person(email="boss@example.com")
    type(ann).objects.filter(pk=ann.pk).update(manager=boss, day_rate=Decimal("12.50"))
    before = row(ann)
    type(ann).objects.filter(pk=ann.pk).update(email="new@example.com", manager=None, day_rate=None)
    undo(last(ann))
    assert row(ann) == before


def test_an_author_is_an_author(db: None) -> None:
    author = Author.objects.create(name="Ann", api_token="secret")
    Author.objects.update(name="Bob", api_token="other")
    undo(last(author))
    author.refresh_from_db()
    assert (author.name, author.api_token) == ("Ann", "other")
