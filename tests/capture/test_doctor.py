"""Everything that can be wrong with a log: audit_doctor sees it, and mends what can be mended."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test import override_settings

from audit_plugin.capture import doctor
from audit_plugin.capture.doctor.findings import KINDS
from audit_plugin.capture.doctor.triggers import shared_functions
from audit_plugin.capture.schema import function_names
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.models import Entry
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def triggers(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def found() -> dict[str, list[str]]:
    """Return what was found that is not as it may well be, by code."""
    codes: dict[str, list[str]] = {}
    for finding in doctor.examine("default"):
        if finding.severity != "info":
            codes.setdefault(finding.code, []).append(finding.subject)
    return codes


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


def months_partitions(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass "
            r"AND inhrelid::regclass::text ~ '\d$' ORDER BY 1",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def test_missing_partitions() -> None:
    current, following, *_ = months_partitions("audit_plugin_entry")
    execute(f"DROP TABLE {current}, {following}")
    assert found() == {"partition-current": ["audit_plugin_entry"], "partition-ahead": ["audit_plugin_entry"]}
    assert list(doctor.mend("default")) == ["Made 2 partitions."]
    assert found() == {}
    assert months_partitions("audit_plugin_entry")[:2] == [current, following]


@override_settings(AUDIT_PARTITIONS_AHEAD=15)
def test_partitions_of_next_year() -> None:
    assert set(found()) == {"partition-ahead"}
    assert list(doctor.mend("default")) == ["Made 24 partitions."]
    assert found() == {}


def test_partition_whose_name_is_taken() -> None:
    last = months_partitions("audit_plugin_context")[-1]
    execute(f"DROP TABLE {last}; CREATE TABLE {last} (id int)")
    assert found() == {"partition-name-taken": [f'"public".{last}']}


def test_rows_in_the_default_partition_are_moved(log: Any) -> None:
    current, *_ = months_partitions("audit_plugin_entry")
    contexts, *_ = months_partitions("audit_plugin_context")
    execute(f"DROP TABLE {current}, {contexts}")
    Author.objects.bulk_create([Author(name=f"Author {n}") for n in range(3)])
    before = list(Entry.objects.order_by("seq").values())
    assert len(before) == 3
    assert found() == {
        "partition-current": ["audit_plugin_entry", "audit_plugin_context"],
        "partition-default-rows": ["audit_plugin_entry_default", "audit_plugin_context_default"],
    }
    said = list(doctor.mend("default"))
    assert said == [
        "Moved 3 rows out of audit_plugin_entry_default.",
        "Moved 1 rows out of audit_plugin_context_default.",
    ]
    assert found() == {}
    assert list(Entry.objects.order_by("seq").values()) == before
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {current}")
        assert cursor.fetchone() == (3,)
        cursor.execute(
            "SELECT array_agg(indexrelid::regclass::text ORDER BY 1) FROM pg_index WHERE indrelid = %s::regclass",
            ["audit_plugin_entry_default"],
        )
        assert "audit_plugin_entry_default_pkey" in cursor.fetchone()[0]
    Author.objects.create(name="One more")
    assert [entry.action for entry in log()] == ["create"] * 4


def test_rows_of_several_months_are_moved_to_theirs() -> None:
    insert_entry(datetime(2020, 2, 3, tzinfo=UTC))
    insert_entry(datetime(2021, 12, 31, 23, 59, tzinfo=UTC))
    assert list(doctor.mend("default")) == ["Moved 2 rows out of audit_plugin_entry_default."]
    assert {"audit_plugin_entry_2020_02", "audit_plugin_entry_2021_12"} < set(
        months_partitions("audit_plugin_entry")
    )
    assert found() == {}


def insert_entry(moment: datetime) -> None:
    execute(
        "INSERT INTO audit_plugin_entry (id, context_id, occurred_at, action, channel, model, object_id, object_repr) "
        "VALUES (audit_plugin_uuid_floor_v1(%s), gen_random_uuid(), now(), 'x', 'x', 'x', 'x', 'x')",
        moment,
    )


def test_rows_from_another_age_stay_in_the_default_partition() -> None:
    insert_entry(datetime(1985, 10, 26, tzinfo=UTC))
    insert_entry(datetime(2020, 2, 3, tzinfo=UTC))
    assert found()["partition-default-dates"] == ["audit_plugin_entry_default"]
    assert list(doctor.mend("default")) == ["Moved 1 rows out of audit_plugin_entry_default."]
    assert found() == {"partition-default-dates": ["audit_plugin_entry_default"]}


def test_entry_from_the_future() -> None:
    insert_entry(datetime.now(UTC) + timedelta(hours=1))
    assert found() == {"clock-future": ["audit_plugin_entry"]}


def test_clocks_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(seconds=90)

    monkeypatch.setattr("audit_plugin.capture.doctor.log.datetime", Slow)
    assert found() == {"clock-skew": ["clocks"]}


@pytest.mark.parametrize(
    "addition",
    [
        "CREATE RULE mine AS ON INSERT TO audit_plugin_entry DO ALSO NOTHING",
        "CREATE TRIGGER mine BEFORE INSERT ON audit_plugin_entry FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER TABLE audit_plugin_context ENABLE ROW LEVEL SECURITY",
        "CREATE UNLOGGED TABLE audit_plugin_entry_1999_01 PARTITION OF audit_plugin_entry "
        "FOR VALUES FROM ('00000000-0000-0000-0000-000000000000') TO ('00000000-0000-0000-0000-000000000001')",
    ],
)
def test_additions_to_the_log(addition: str) -> None:
    execute(addition)
    assert set(found()) - {"guard-missing"} == {"log-altered"}


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT INSERT ON audit_plugin_entry TO pg_monitor",
        "GRANT UPDATE (actor_id) ON audit_plugin_entry_default TO PUBLIC",
        "GRANT TRIGGER ON audit_plugin_context TO pg_monitor",
    ],
)
def test_rights_of_others(grant: str) -> None:
    execute(grant)
    assert set(found()) == {"log-grant"}


def test_right_to_read_is_nothing() -> None:
    execute("GRANT SELECT ON audit_plugin_entry TO PUBLIC")
    assert found() == {}


def test_table_that_is_not_there() -> None:
    execute("DROP TABLE testapp_ticket")
    assert found()["table-missing"] == ["testapp.Ticket"]


def test_table_that_cannot_be_recorded() -> None:
    execute(
        'DROP TABLE "Odd Schema"."It\'s a Table"; CREATE VIEW "Odd Schema"."It\'s a Table" AS SELECT 1 AS "No."'
    )
    assert found() == {"table-uncapturable": ["testapp.Legacy"]}


@override_settings(AUDIT_CAPTURE=False)
def test_capture_turned_off() -> None:
    assert found() == {"capture-off": ["default"]}
    assert list(doctor.mend("default")) == []
    assert triggers("testapp_ticket") != []


def test_no_log() -> None:
    execute("DROP TABLE audit_plugin_context")
    assert found() == {"log-missing": ["default"]}


def notes(code: str) -> list[str]:
    return [finding.subject for finding in doctor.examine("default") if finding.code == code]


def test_models_that_are_not_recorded() -> None:
    assert notes("model-unrecorded") == ["admin.LogEntry", "auth.Permission"]
    with override_settings(AUDIT_UNRECORDED=["admin.*", "auth.Permission"]):
        assert notes("model-unrecorded") == []
    with override_settings(AUDIT_MODELS=["testapp.Tag"]):
        assert {"testapp.Untracked", "testapp.Ticket"} < set(notes("model-unrecorded"))


def test_rows_older_than_the_log() -> None:
    execute("ALTER TABLE testapp_author DISABLE TRIGGER USER")
    Author.objects.create(name="Ann")
    list(doctor.mend("default"))
    assert notes("baseline-missing") == ["testapp.Author"]
    call_command("audit_baseline", stdout=StringIO())
    assert notes("baseline-missing") == []


def test_unknown_role() -> None:
    with pytest.raises(ConfigurationError, match='There is no database role "nobody"'):
        list(doctor.examine("default", role="nobody"))


def test_every_shared_function_is_looked_at() -> None:
    wanted = shared_functions('"public"')
    assert set(wanted) == function_names('"public"')
    assert wanted["audit_plugin_record_v1"].closed
    assert wanted["audit_plugin_record_v1"].definer
    assert "search_path=pg_catalog, pg_temp" in wanted["audit_plugin_baseline_v1"].pinned
    assert "DateStyle=ISO, YMD" in wanted["audit_plugin_baseline_v1"].pinned


class TestCommand:
    """What audit_doctor prints and how it ends."""

    def run(self, *arguments: str, **options: Any) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("audit_doctor", *arguments, stdout=out, no_color=True, **options)
        except SystemExit as ended:
            return int(str(ended.code)), out.getvalue()
        return 0, out.getvalue()

    def test_all_is_well(self) -> None:
        code, said = self.run()
        assert code == 0
        assert 'Database "default": 0 error, 0 warning, ' in said
        assert "Level 0 of 2" in said

    def test_error_says_what_why_and_how(self) -> None:
        execute("ALTER TABLE audit_plugin_entry DISABLE TRIGGER audit_guard")
        code, said = self.run()
        assert code == 1
        assert (
            "ERROR guard-disabled\n  audit_plugin_entry: The trigger that refuses changes doesn't fire always."
            in said
        )
        assert KINDS["guard-disabled"].why in said
        assert "-> Run audit_doctor --fix" in said

    def test_warning_fails_unless_only_errors_are_to(self) -> None:
        execute(f"DROP TABLE {months_partitions('audit_plugin_entry')[-1]}")
        assert self.run()[0] == 1
        assert self.run("--fail-on", "error")[0] == 0

    def test_fix_says_what_it_did_and_what_is_left(self) -> None:
        execute(
            "DROP TRIGGER audit_guard ON audit_plugin_entry; GRANT INSERT ON audit_plugin_entry TO pg_monitor"
        )
        code, said = self.run("--fix")
        assert code == 1
        assert "--fix: Guarded 1 tables.\n" in said or "guard-missing" not in said
        assert "WARNING log-grant" in said
        assert "guard-missing" not in said

    def test_json(self) -> None:
        execute("GRANT INSERT ON audit_plugin_entry TO pg_monitor")
        code, said = self.run("--json")
        content = json.loads(said)
        assert (code, content["database"], content["done"]) == (1, "default", [])
        assert content["findings"][0] == {
            "code": "log-grant",
            "severity": "warning",
            "subject": "audit_plugin_entry",
            "message": "pg_monitor has INSERT on it.",
            "why": KINDS["log-grant"].why,
            "hint": KINDS["log-grant"].hint,
            "fixable": False,
        }

    def test_level_asked_for(self) -> None:
        assert self.run("--level", "0")[0] == 0
        code, said = self.run("--level", "2")
        assert code == 1
        assert "ERROR level" in said

    def test_examination_that_fails(self) -> None:
        with pytest.raises(CommandError, match='no database role "nobody"') as failed:
            self.run("--role", "nobody")
        assert failed.value.returncode == 2

    def test_wrong_settings_come_first(self) -> None:
        with (
            override_settings(AUDIT_MODELS=["no.Such"]),
            pytest.raises(CommandError, match=r"audit_plugin\.E002"),
        ):
            self.run(skip_checks=False)


@pytest.fixture
def other_session(transactional_db: None) -> Iterator[Any]:
    other = connections.create_connection("default")
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
def test_moving_rows_gives_up_when_the_log_is_busy(
    other_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By its module: `doctor.mend` is the function.
    monkeypatch.setattr(sys.modules["audit_plugin.capture.doctor.mend"], "LOCK_TIMEOUT", "100ms")
    insert_entry(datetime(2020, 2, 3, tzinfo=UTC))
    with other_session.cursor() as cursor:
        cursor.execute("BEGIN; SELECT 1 FROM audit_plugin_entry LIMIT 1")
        try:
            said = list(doctor.mend("default"))
            assert any("kept the audit log locked" in text for text in said)
            assert "partition-default-rows" in found()
        finally:
            cursor.execute("ROLLBACK")
    assert list(doctor.mend("default")) == ["Moved 1 rows out of audit_plugin_entry_default."]
    with transaction.atomic():
        execute("DROP TABLE audit_plugin_entry_2020_02")
