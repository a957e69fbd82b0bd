"""What a role can do to the log before and after hardening, tried on connections of its own."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connections, transaction

from audit_plugin.capture import doctor
from tests.capture.roles import Team

REFUSED, CAPTURED, SEEN, POSSIBLE = "refused", "captured", "seen by audit_doctor", "possible"
FORGE = (
    "INSERT INTO public.audit_plugin_entry (id, context_id, occurred_at, action, channel, model, object_id, object_repr) "
    "SELECT (left(id::text, 24) || right(gen_random_uuid()::text, 12))::uuid, context_id, occurred_at, 'delete', "
    "channel, model, '99', 'forged' FROM public.audit_plugin_entry LIMIT 1"
)
SHADOW = "CREATE FUNCTION pg_temp.{} LANGUAGE sql AS 'SELECT NULL::text'"

#: What is tried, what comes of it under one role for everything, and what comes of it when hardened.
ATTACKS: dict[str, tuple[str, str, str]] = {
    "update": ("UPDATE public.audit_plugin_entry SET actor_id = 'somebody else'", REFUSED, REFUSED),
    "delete": ("DELETE FROM public.audit_plugin_entry", REFUSED, REFUSED),
    "truncate": ("TRUNCATE public.audit_plugin_entry", REFUSED, REFUSED),
    "update a context": ("UPDATE public.audit_plugin_context SET actor_label = 'Eve'", REFUSED, REFUSED),
    "delete from a partition": ("DELETE FROM public.audit_plugin_entry_default", REFUSED, REFUSED),
    "truncate a partition": ("TRUNCATE public.audit_plugin_context_default", REFUSED, REFUSED),
    "merge": (
        "MERGE INTO public.audit_plugin_entry e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        REFUSED,
        REFUSED,
    ),
    "update with pgtrigger.ignore": (
        "SET LOCAL pgtrigger.ignore = '{all}'; UPDATE public.audit_plugin_entry SET actor_id = NULL",
        REFUSED,
        REFUSED,
    ),
    "update as a replica": (
        "SET LOCAL session_replication_role = replica; UPDATE public.audit_plugin_entry SET actor_id = NULL",
        REFUSED,
        REFUSED,
    ),
    "forge": (FORGE, POSSIBLE, REFUSED),
    "forge a context": ("SELECT public.audit_plugin_context_v1(gen_random_uuid(), ':::::')", SEEN, REFUSED),
    "forge with a capture function on a table of one's own": (
        "DO $$ DECLARE f text := (SELECT proname FROM pg_proc WHERE proname ~ '^audit_insert_testapp_author'); BEGIN "
        "CREATE TEMP TABLE bait (LIKE public.testapp_author); EXECUTE format('CREATE TRIGGER t AFTER INSERT ON bait "
        "REFERENCING NEW TABLE AS new_values FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', f); "
        "INSERT INTO bait VALUES (99, 'forged', ''); END $$",
        POSSIBLE,
        REFUSED,
    ),
    "forge a baseline": (
        "SELECT public.audit_plugin_baseline_v1('public.testapp_author', (SELECT obj_description(oid, 'pg_proc')::jsonb"
        "->'content' || '{\"labels\": []}' FROM pg_proc WHERE proname ~ '^audit_insert_testapp_author'), "
        "'public.testapp_author', 0, 1)",
        POSSIBLE,
        REFUSED,
    ),
    "turn the sequence back": ("SELECT setval('public.audit_plugin_entry_seq', 1)", CAPTURED, REFUSED),
    "disable the guard": ("ALTER TABLE public.audit_plugin_entry DISABLE TRIGGER audit_guard", SEEN, REFUSED),
    "disable the guard of a partition": (
        "ALTER TABLE public.audit_plugin_entry_default DISABLE TRIGGER ALL",
        SEEN,
        REFUSED,
    ),
    "drop the guard": ("DROP TRIGGER audit_guard ON public.audit_plugin_context", SEEN, REFUSED),
    "drop the log": ("DROP TABLE public.audit_plugin_entry CASCADE", SEEN, REFUSED),
    "detach the log's partition": (
        "ALTER TABLE public.audit_plugin_entry DETACH PARTITION public.audit_plugin_entry_default",
        SEEN,
        REFUSED,
    ),
    "swallow entries by a rule": (
        "CREATE RULE nothing AS ON INSERT TO public.audit_plugin_entry DO INSTEAD NOTHING",
        SEEN,
        REFUSED,
    ),
    "swallow entries by a trigger": (
        "CREATE TRIGGER swallow BEFORE INSERT ON public.audit_plugin_entry_default FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        SEEN,
        REFUSED,
    ),
    "hide entries by row security": (
        "ALTER TABLE public.audit_plugin_entry ENABLE ROW LEVEL SECURITY",
        SEEN,
        REFUSED,
    ),
    "replace a function of the log": (
        "CREATE OR REPLACE FUNCTION public.audit_plugin_header_v1() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'",
        SEEN,
        REFUSED,
    ),
    "run a capture function as oneself": (
        "DO $$ BEGIN EXECUTE format('ALTER FUNCTION public.%I() SECURITY INVOKER', (SELECT proname FROM pg_proc "
        "WHERE proname ~ '^audit_update_testapp_author')); END $$",
        SEEN,
        REFUSED,
    ),
    "give oneself the right to write": (
        "GRANT INSERT ON public.audit_plugin_entry TO PUBLIC; SELECT 1 / count(*) FROM aclexplode((SELECT relacl "
        "FROM pg_class WHERE relname = 'audit_plugin_entry')) WHERE grantee = 0",
        SEEN,
        REFUSED,
    ),
    "become the owner": (
        "DO $$ BEGIN EXECUTE format('SET LOCAL ROLE %I', current_database() || '_owner'); END $$",
        REFUSED,
        REFUSED,
    ),
    "disable capture": ("ALTER TABLE public.testapp_author DISABLE TRIGGER USER", SEEN, REFUSED),
    "drop a capture function": (
        "DO $$ BEGIN EXECUTE format('DROP FUNCTION public.%I() CASCADE', (SELECT proname FROM pg_proc "
        "WHERE proname ~ '^audit_update_testapp_author')); END $$",
        SEEN,
        REFUSED,
    ),
    "silence capture by a setting": ("SET LOCAL pgtrigger.ignore = '{all}'", CAPTURED, CAPTURED),
    "divert capture into a temporary table": (
        "CREATE TEMP TABLE audit_plugin_entry (LIKE public.audit_plugin_entry); "
        "CREATE TEMP TABLE audit_plugin_context (LIKE public.audit_plugin_context)",
        CAPTURED,
        CAPTURED,
    ),
    "divert capture by the search path": ("SET LOCAL search_path = pg_temp", CAPTURED, CAPTURED),
    "shadow a function of the log": (
        f"{SHADOW.format('audit_plugin_header_v1() RETURNS text')}; SET LOCAL search_path = pg_temp, public",
        CAPTURED,
        CAPTURED,
    ),
    "shadow a function of PostgreSQL": (
        f"{SHADOW.format('current_query() RETURNS text')}; SET LOCAL search_path = pg_temp, pg_catalog, public",
        CAPTURED,
        CAPTURED,
    ),
}


def attack(using: str, statement: str) -> str:
    """Try something and then write to a recorded table; say what came of it. Nothing of it stays."""
    with transaction.atomic(using):
        try:
            return try_and_write(using, statement)
        finally:
            transaction.set_rollback(True, using)


def try_and_write(using: str, statement: str) -> str:
    with connections[using].cursor() as cursor:
        try:
            with transaction.atomic(using):
                cursor.execute(statement)
        except DatabaseError:
            return REFUSED
        if doctor_complains(using):
            return SEEN
        cursor.execute(
            "SELECT count(*) FROM public.audit_plugin_entry WHERE object_repr = 'forged' OR action = 'baseline'"
        )
        if cursor.fetchone()[0]:
            return POSSIBLE
        cursor.execute("UPDATE public.testapp_author SET name = name || '!' WHERE id = 1")
        cursor.execute("SELECT changes->'name' FROM public.audit_plugin_entry WHERE action = 'update'")
        return CAPTURED if cursor.fetchall() == [('["Ann", "Ann!"]',)] else POSSIBLE


def doctor_complains(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
    # This database has no more tables than the tests need.
    return any(found.severity != "info" and found.code != "table-missing" for found in doctor.examine(using))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_on_a_hardened_log(hardened: Team, name: str) -> None:
    statement, _, expected = ATTACKS[name]
    assert attack(hardened.app, statement) == expected


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_where_one_role_does_everything(one_role: Team, name: str) -> None:
    statement, expected, _ = ATTACKS[name]
    assert attack(one_role.app, statement) == expected


SUPERUSER = {
    "replica": ("SET LOCAL session_replication_role = replica", CAPTURED),
    "replica updates the log": (
        "SET LOCAL session_replication_role = replica; UPDATE public.audit_plugin_entry SET actor_id = NULL",
        REFUSED,
    ),
    "replica truncates the log": (
        "SET LOCAL session_replication_role = replica; TRUNCATE public.audit_plugin_context",
        REFUSED,
    ),
    "disable the guard": ("ALTER TABLE public.audit_plugin_entry DISABLE TRIGGER ALL", SEEN),
    "disable capture": ("ALTER TABLE public.testapp_author DISABLE TRIGGER ALL", SEEN),
}


@pytest.mark.parametrize("name", SUPERUSER)
def test_attack_of_a_superuser(hardened: Team, name: str) -> None:
    statement, expected = SUPERUSER[name]
    assert attack(hardened.root, statement) == expected
