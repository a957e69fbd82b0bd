"""Everything that can be wrong with triggers, functions and guards: audit_doctor sees it, and mends it."""

from __future__ import annotations

import pytest
from django.test import override_settings

from audit_plugin.capture import doctor
from audit_plugin.capture.doctor.findings import KINDS
from tests.capture.damage import execute, found, triggers

pytestmark = pytest.mark.django_db


def test_nothing_is_wrong_with_a_new_log() -> None:
    assert found() == {}
    assert list(doctor.mend("default")) == []


DELETE_AUTHOR = (
    "SELECT tgname FROM pg_trigger WHERE tgrelid = 'testapp_author'::regclass AND tgname ~ '^audit_delete'"
)
ON_AUTHOR = "DO $do$ DECLARE t text := (" + DELETE_AUTHOR + "); BEGIN EXECUTE format($$ {} $$, t); END $do$"
REPLACE = (
    "CREATE OR REPLACE TRIGGER %1$I AFTER DELETE {} ON testapp_author REFERENCING OLD TABLE AS old_values "
    "FOR EACH STATEMENT {} EXECUTE FUNCTION {}(); ALTER TABLE testapp_author ENABLE ALWAYS TRIGGER %1$I"
)

#: What is done to a log, what is found, and what the search for it finds it at.
DAMAGE: dict[str, tuple[str, str, str]] = {
    "trigger dropped": (
        ON_AUTHOR.format("DROP TRIGGER %I ON testapp_author"),
        "trigger-missing",
        "audit_delete_testapp_author",
    ),
    "trigger disabled": (
        ON_AUTHOR.format("ALTER TABLE testapp_author DISABLE TRIGGER %I"),
        "trigger-disabled",
        "audit_delete_testapp_author",
    ),
    "trigger enabled for all but replicas": (
        ON_AUTHOR.format("ALTER TABLE testapp_author ENABLE TRIGGER %I"),
        "trigger-disabled",
        "audit_delete_testapp_author",
    ),
    "trigger disabled on one partition": (
        "DO $do$ BEGIN EXECUTE format('ALTER TABLE testapp_measurement_2026 DISABLE TRIGGER %I', (SELECT tgname "
        "FROM pg_trigger WHERE tgrelid = 'testapp_measurement_2026'::regclass AND tgname ~ '^audit_insert')); END $do$",
        "trigger-disabled",
        "testapp_measurement_2026",
    ),
    "trigger with a condition": (
        ON_AUTHOR.format(REPLACE.format("", "WHEN (false)", "%1$I")),
        "trigger-altered",
        "audit_delete_testapp_author",
    ),
    "trigger of another function": (
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
        + ON_AUTHOR.format(REPLACE.format("", "", "nothing")),
        "trigger-altered",
        "audit_delete_testapp_author",
    ),
    "trigger of another model's function": (
        "DO $do$ DECLARE t text := (" + DELETE_AUTHOR + "); o text := (SELECT proname FROM pg_proc "
        "WHERE proname ~ '^audit_delete_testapp_ticket'); BEGIN EXECUTE format($$ "
        + REPLACE.format("", "", "%2$I")
        + " $$, t, o); END $do$",
        "trigger-altered",
        "audit_delete_testapp_author",
    ),
    "column added behind Django's back": (
        "ALTER TABLE testapp_ticket ADD COLUMN price int",
        "trigger-outdated",
        "audit_insert_testapp_ticket",
    ),
    "migration that didn't end": ("", "trigger-migrating", "audit_insert_testapp_ticket"),
    "function replaced": (
        ON_AUTHOR.format(
            "CREATE OR REPLACE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NULL; END'"
        ),
        "function-tampered",
        "audit_delete_testapp_author",
    ),
    "function without its settings": (
        ON_AUTHOR.format('ALTER FUNCTION %I() RESET "TimeZone"'),
        "function-tampered",
        "audit_delete_testapp_author",
    ),
    "function with other settings": (
        ON_AUTHOR.format("ALTER FUNCTION %I() SET search_path = public"),
        "function-tampered",
        "audit_delete_testapp_author",
    ),
    "function under the caller's role": (
        ON_AUTHOR.format("ALTER FUNCTION %I() SECURITY INVOKER"),
        "function-tampered",
        "audit_delete_testapp_author",
    ),
    "function that everybody may call": (
        ON_AUTHOR.format("GRANT EXECUTE ON FUNCTION %I() TO PUBLIC"),
        "function-tampered",
        "audit_delete_testapp_author",
    ),
    "function of another owner": (
        "CREATE ROLE audit_test_eve; " + ON_AUTHOR.format("ALTER FUNCTION %I() OWNER TO audit_test_eve"),
        "function-tampered",
        "audit_delete_testapp_author",
    ),
    "sequence of another owner": (
        "CREATE ROLE audit_test_eve; ALTER SEQUENCE audit_plugin_entry_seq OWNER TO audit_test_eve",
        "log-owner",
        "audit_plugin_entry_seq",
    ),
    "partition of another owner": (
        "CREATE ROLE audit_test_eve; ALTER TABLE audit_plugin_context_default OWNER TO audit_test_eve",
        "log-owner",
        "audit_plugin_context_default",
    ),
    "shared function of another owner": (
        "CREATE ROLE audit_test_eve; ALTER FUNCTION audit_plugin_event_v1 OWNER TO audit_test_eve",
        "shared-altered",
        "audit_plugin_event_v1",
    ),
    "shared function replaced": (
        "CREATE OR REPLACE FUNCTION audit_plugin_session_header_v1() RETURNS text LANGUAGE sql STABLE "
        "SET search_path = pg_catalog, pg_temp AS 'SELECT ''x''::text'",
        "shared-altered",
        "audit_plugin_session_header_v1",
    ),
    "shared function with other settings": (
        "ALTER FUNCTION audit_plugin_header_v1() SET search_path = public",
        "shared-altered",
        "audit_plugin_header_v1",
    ),
    "shared function as definer": (
        "ALTER FUNCTION audit_plugin_context_v1 SECURITY DEFINER",
        "shared-altered",
        "audit_plugin_context_v1",
    ),
    "shared function that everybody may call": (
        "GRANT EXECUTE ON FUNCTION audit_plugin_maintain_v1 TO PUBLIC",
        "shared-altered",
        "audit_plugin_maintain_v1",
    ),
    "shared function dropped": (
        "DROP FUNCTION audit_plugin_maintain_v1",
        "shared-missing",
        "audit_plugin_maintain_v1",
    ),
    "guard dropped": (
        "DROP TRIGGER audit_guard ON audit_plugin_entry",
        "guard-missing",
        "audit_plugin_entry",
    ),
    "guard of a partition dropped": (
        "DROP TRIGGER audit_guard ON audit_plugin_context_default",
        "guard-missing",
        "audit_plugin_context_default",
    ),
    "guard disabled": (
        "ALTER TABLE audit_plugin_entry_default DISABLE TRIGGER audit_guard",
        "guard-disabled",
        "audit_plugin_entry_default",
    ),
    "guard that lets deletes through": (
        "CREATE OR REPLACE TRIGGER audit_guard BEFORE UPDATE ON audit_plugin_entry FOR EACH STATEMENT "
        "EXECUTE FUNCTION audit_plugin_guard_v1(); ALTER TABLE audit_plugin_entry ENABLE ALWAYS TRIGGER audit_guard",
        "guard-altered",
        "audit_plugin_entry",
    ),
    "guard that refuses nothing": (
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
        "CREATE OR REPLACE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_plugin_entry FOR EACH STATEMENT "
        "EXECUTE FUNCTION nothing(); ALTER TABLE audit_plugin_entry ENABLE ALWAYS TRIGGER audit_guard",
        "guard-altered",
        "audit_plugin_entry",
    ),
    "default partition dropped": (
        "DROP TABLE audit_plugin_entry_default",
        "partition-no-default",
        "audit_plugin_entry",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_mended(name: str) -> None:
    statement, code, subject = DAMAGE[name]
    if statement:
        execute(statement)
    else:
        from audit_plugin.capture.install import generalise

        generalise("default")
    codes = found()
    assert code in codes
    assert any(subject in at for at in codes[code])
    assert KINDS[code].fixable
    list(doctor.mend("default"))
    assert found() == {}


def test_leftover_trigger() -> None:
    with override_settings(AUDIT_MODELS=["testapp.*", "-testapp.Ticket"]):
        assert any("testapp_ticket" in subject for subject in found()["trigger-leftover"])
        list(doctor.mend("default"))
        assert found() == {}
        assert triggers("testapp_ticket") == []
