"""No session setting switches capture off or diverts it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.conftest import Log

pytestmark = pytest.mark.django_db

ATTEMPTS = {
    "pgtrigger.ignore": "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger",
    "replication role": "SET LOCAL session_replication_role = replica",
    "search_path": "SET LOCAL search_path = pg_catalog",
    "temporary table in its place": "CREATE TEMP TABLE audit_plugin_entry (LIKE public.audit_plugin_entry)",
    "temporary context table": "CREATE TEMP TABLE audit_plugin_context (LIKE public.audit_plugin_context)",
    "function of the same name in a schema ahead": (
        "CREATE SCHEMA ahead; CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
        "AS 'SELECT NULL::timestamptz'; SET LOCAL search_path = ahead, pg_catalog, public"
    ),
    "operator of the same name in a schema ahead": (
        "CREATE SCHEMA ahead; CREATE FUNCTION ahead.eq(text, text) RETURNS bool LANGUAGE sql AS 'SELECT true'; "
        "CREATE OPERATOR ahead.= (LEFTARG = text, RIGHTARG = text, FUNCTION = ahead.eq); "
        "SET LOCAL search_path = ahead, pg_catalog, public"
    ),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_write_is_recorded_all_the_same(attempt: str, log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute(attempt)
        cursor.execute("INSERT INTO public.testapp_author (name, api_token) VALUES ('Ann', '')")
        cursor.execute("UPDATE public.testapp_author SET name = 'Anna'")
        cursor.execute("SET LOCAL search_path = public")
        cursor.execute(
            "SELECT count(*) FROM public.audit_plugin_context c JOIN public.audit_plugin_entry e ON e.context_id = c.id"
        )
        assert cursor.fetchone()[0] >= 2
        cursor.execute(
            "SELECT action, changes->'name' FROM public.audit_plugin_entry ORDER BY seq DESC LIMIT 2"
        )
        assert [row[0] for row in cursor.fetchall()] == ["update", "create"]


def test_error_in_the_log_fails_the_write_and_says_so(log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_plugin_entry ADD CONSTRAINT broken CHECK (object_repr <> 'Ann') NOT VALID"
        )
    with (
        pytest.raises(DatabaseError, match="audit_plugin_entry"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO testapp_author (name, api_token) VALUES ('Ann', '')")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM testapp_author")
        assert cursor.fetchone() == (0,)
    assert log(object_repr="Ann") == []


def test_missing_partition_never_fails_a_write(log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'audit_plugin_entry'::regclass AND c.relname !~ 'default$'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("INSERT INTO testapp_author (name, api_token) VALUES ('Ann', '')")
        cursor.execute("SELECT count(*) FROM audit_plugin_entry_default WHERE object_repr = 'Ann'")
        assert cursor.fetchone() == (1,)
