"""Values are stored without loss, and the same whatever the session that writes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import NotSupportedError, connection
from django.db.backends.postgresql.psycopg_any import DateRange

from audit_plugin.capture import drift, install
from audit_plugin.capture.options import Options
from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.spec import record_spec
from tests.conftest import Log
from tests.testapp.models import Exotic

pytestmark = pytest.mark.django_db

UTC = dt.UTC

#: Field, value, and what the log holds.
VALUES: dict[str, tuple[Any, Any]] = {
    "duration": (dt.timedelta(days=1, hours=2, microseconds=5), "P1DT2H0.000005S"),
    "blob": (b"\x00\xff", "\\x00ff"),
    "ratio": (0.1 + 0.2, 0.30000000000000004),
    "address": ("2001:db8::1", "2001:db8::1"),
    "at": (dt.time(1, 2, 3, 4), "01:02:03.000004"),
    "moment": (dt.datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29T01:30:00+00:00"),
    "numbers": ([1, None, 3], [1, None, 3]),
    "period": (DateRange(dt.date(2026, 1, 1), dt.date(2026, 2, 1)), "[2026-01-01,2026-02-01)"),
    "flag": (False, False),
    "big": (9_223_372_036_854_775_807, 9_223_372_036_854_775_807),
}

#: What a session may have set, each of which changes how PostgreSQL writes some value.
SESSIONS = [
    "SET LOCAL TimeZone = 'Asia/Tokyo'",
    "SET LOCAL DateStyle = 'German'",
    "SET LOCAL IntervalStyle = 'sql_standard'",
    "SET LOCAL extra_float_digits = 0",
    "SET LOCAL bytea_output = 'escape'",
    "SET LOCAL search_path = pg_catalog",
]


@pytest.mark.parametrize(
    ("field", "value", "stored"), [(name, *pair) for name, pair in VALUES.items()], ids=VALUES
)
def test_value_is_stored_without_loss(field: str, value: Any, stored: Any, log: Log) -> None:
    Exotic.objects.create(**{field: value})
    assert log()[0].changes[field] == stored


@pytest.mark.parametrize("session", SESSIONS)
def test_session_settings_do_not_change_what_is_stored(session: str, log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute(session)
        cursor.execute(
            "INSERT INTO public.testapp_exotic (duration, blob, ratio, moment) VALUES ("
            "INTERVAL 'P1DT2H0.000005S', decode('00ff', 'hex'), 0.1::float8 + 0.2::float8, '2026-03-29T01:30:00+00:00')"
        )
        cursor.execute("RESET search_path; RESET DateStyle")
    changes = log()[0].changes
    assert {name: changes[name] for name in ("duration", "blob", "ratio", "moment")} == {
        name: VALUES[name][1] for name in ("duration", "blob", "ratio", "moment")
    }


def change(kind: str, old: str, new: str, log: Log) -> list[Any]:
    """Record a table with a column of a type that Django has no field for, and change its value."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE testapp_exotic ADD COLUMN odd {kind}")
        spec = record_spec("default", Exotic, Options())
        assert spec is not None
        install.install_triggers("default", str(log_schema("default")), spec)
        cursor.execute("INSERT INTO testapp_exotic (odd) VALUES (%s)", [old])
        cursor.execute("UPDATE testapp_exotic SET odd = %s", [new])
    return [entry.changes["odd"] for entry in log(action="update")]


#: Type, and values before and after as they are to be stored; None where the database must not see a change.
TYPES = {
    "json": ("json", '{"a": 1}', '{"a": 2}', [{"a": 1}, {"a": 2}]),
    "json, other spacing": ("json", '{"a":1}', '{"a": 1}', [{"a": 1}, {"a": 1}]),
    "jsonb, other spacing": ("jsonb", '{"a":1}', '{"a": 1}', None),
    "point": ("point", "(1,2)", "(1,3)", ["(1,2)", "(1,3)"]),
    "money": ("money", "1.50", "2.50", [1.5, 2.5]),
    "numeric, trailing zero": ("numeric(8,2)", "1.50", "2.50", [1.5, 2.5]),
    "numeric, not a number": ("numeric", "NaN", "1", ["NaN", 1]),
    "bit string": ("bit(3)", "101", "111", ["101", "111"]),
    "interval": ("interval", "1 month", "30 days", ["P1M", "P30D"]),
    "time with zone": ("timetz", "01:00+01", "01:00+02", ["01:00:00+01", "01:00:00+02"]),
    "array of text": ("text[]", '{a,"b,c"}', "{}", [["a", "b,c"], []]),
    "full-text vector": ("tsvector", "a b", "a c", ["'a' 'b'", "'a' 'c'"]),
    "range of numbers": ("int4multirange", "{[1,3)}", "{}", ["{[1,3)}", "{}"]),
    "enum": ("mood", "sad", "glad", ["sad", "glad"]),
    "composite": ("pair", "(1,x)", "(2,x)", ["(1,x)", "(2,x)"]),
    "domain": ("short", "a", "b", ["a", "b"]),
    "array of a domain's enum": ("mood[]", "{sad}", "{glad}", ["{sad}", "{glad}"]),
}


@pytest.mark.parametrize(("kind", "old", "new", "stored"), TYPES.values(), ids=TYPES)
def test_types_beyond_django(kind: str, old: str, new: str, stored: list[Any] | None, log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN short AS varchar(5)"
        )
    assert change(kind, old, new, log) == ([] if stored is None else [stored])


def test_change_that_a_collation_does_not_see_is_recorded(log: Log) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
            )
        except NotSupportedError:
            pytest.skip("this server is built without ICU, and only ICU has such collations")
    assert change("text COLLATE nocase", "ann", "ANN", log) == [["ann", "ANN"]]


def test_virtual_generated_column_is_computed(log: Log) -> None:
    if connection.pg_version < 180000:
        pytest.skip("PostgreSQL has virtual generated columns since version 18")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE testapp_exotic ADD COLUMN twice bigint GENERATED ALWAYS AS (big * 2) VIRTUAL"
        )
        spec = record_spec("default", Exotic, Options())
        assert spec is not None
        install.install_triggers("default", str(log_schema("default")), spec)
        assert list(drift.problems(cursor, str(log_schema("default")), spec)) == []
    row = Exotic.objects.create(big=4)
    Exotic.objects.filter(pk=row.pk).update(big=5)
    created, updated = log()
    assert created.changes["twice"] == 8
    assert updated.changes == {"big": [4, 5], "twice": [8, 10]}


def test_table_with_more_columns_than_a_function_takes_arguments(log: Log) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(f"ADD COLUMN c{number} int DEFAULT {number}" for number in range(200))
        cursor.execute(f"ALTER TABLE testapp_exotic {columns}")
        spec = record_spec("default", Exotic, Options())
        assert spec is not None
        install.install_triggers("default", str(log_schema("default")), spec)
        cursor.execute("INSERT INTO testapp_exotic (ratio) VALUES (1)")
        cursor.execute("UPDATE testapp_exotic SET " + ", ".join(f"c{n} = c{n} + 1" for n in range(200)))
    created, updated = log()
    assert created.changes["c199"] == 199
    assert updated.changes["c199"] == [199, 200]


def test_decimal_keeps_every_digit(log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE testapp_exotic ADD COLUMN exact numeric(40, 20)")
        spec = record_spec("default", Exotic, Options())
        assert spec is not None
        install.install_triggers("default", str(log_schema("default")), spec)
        cursor.execute(
            "INSERT INTO testapp_exotic (exact) VALUES (12345678901234567890.12345678901234567890)"
        )
        cursor.execute("SELECT changes->>'exact' FROM audit_plugin_entry ORDER BY seq DESC LIMIT 1")
        assert Decimal(cursor.fetchone()[0]) == Decimal("12345678901234567890.12345678901234567890")
