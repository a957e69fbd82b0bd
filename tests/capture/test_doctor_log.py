"""Partitions, clocks, rights, and what is recorded: what audit_doctor sees of it, and mends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import override_settings

from audit_plugin.capture import doctor
from audit_plugin.capture.doctor.triggers import shared_functions
from audit_plugin.capture.schema import function_names
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.models import Entry
from tests.capture.damage import execute, found, insert_entry, months_partitions, triggers
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db


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
    # A table of its own pages: the doctor looks at the first ones only, and earlier tests leave theirs full of dead rows.
    # What migrations have made is older than a log that a test has emptied.
    execute("TRUNCATE testapp_author, auth_group CASCADE")
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
