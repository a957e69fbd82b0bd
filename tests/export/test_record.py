"""Each export is in the log itself, however it ends."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections, transaction
from django.test import override_settings

import audit_plugin
from audit_plugin.context.ids import uuid7
from audit_plugin.export import ExportStream, plan_for
from audit_plugin.export.stream import EXPORTED, STARTED
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Context, Entry
from tests.conftest import Log
from tests.export.conftest import TENANT, add_entry, add_many, content, planned


def ends(log: Log) -> list[dict[str, Any]]:
    return [entry.details for entry in log(action=EXPORTED)]


@pytest.fixture
def many(transactional_db: None) -> str:
    """Add entries for good, more than a piece holds, and return the tenant they belong to."""
    tenant = f"{TENANT}-{uuid7()}"
    add_many(tenant, 400)
    return tenant


def stream_of(tenant: str, **choices: Any) -> ExportStream:
    return ExportStream(plan_for(Entry.objects.filter(tenant=tenant), **choices))


@pytest.mark.django_db
def test_an_export_says_who_what_and_how_many(exporter: User, ann: Context, log: Log) -> None:
    add_entry(ann), add_entry(ann)
    given = EntryFilter(object_id="1")
    with audit_plugin.context(actor=exporter, source="web"):
        content(planned(given=given, columns="id,user"))
    started, ended = log(channel="audit")
    assert (started.action, ended.action) == (STARTED, EXPORTED)
    assert (started.model, started.object_id, started.actor_id) == ("", "", str(exporter.pk))
    what = {"format": "csv", "filters": {"record": "1"}, "columns": ["id", "user"]}
    assert started.details == what
    assert ended.details == {**what, "count": 2, "complete": True, "started": str(started.id)}
    assert ended.context_id == started.context_id and ended.actor_id == str(exporter.pk)


@pytest.mark.django_db
def test_it_begins_in_the_log_before_the_first_byte(ann: Context, log: Log) -> None:
    add_entry(ann)
    stream = ExportStream(planned())
    assert [entry.action for entry in log(channel="audit")] == [STARTED]
    next(stream)
    assert [entry.action for entry in log(channel="audit")] == [STARTED]
    stream.close()
    assert [entry.action for entry in log(channel="audit")] == [STARTED, EXPORTED]


@pytest.mark.django_db
def test_an_export_does_not_hold_itself(ann: Context) -> None:
    stream = ExportStream(plan_for(Entry.objects.all(), format="ndjson", columns="id"))
    found = {json.loads(line)["id"] for line in b"".join(stream).split(b"\n") if line}
    assert str(stream.started) not in found


@pytest.mark.django_db
@override_settings(AUDIT_EXPORT_XLSX_CAP=1)
def test_a_workbook_that_is_not_complete_says_so(ann: Context, log: Log) -> None:
    add_entry(ann), add_entry(ann)
    content(planned(format="xlsx"))
    [details] = ends(log)
    assert (details["count"], details["truncated_to"]) == (1, 1)


@pytest.mark.django_db
def test_an_export_that_nobody_reads(ann: Context, log: Log) -> None:
    stream = ExportStream(planned())
    stream.close()
    stream.close()
    [details] = ends(log)
    assert (details["count"], details["complete"], details["reason"]) == (0, False, "closed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("format", ["csv", "json", "ndjson"])
def test_a_reader_that_stops(many: str, log: Log, format: str) -> None:
    stream = stream_of(many, format=format, columns="changes")
    first = next(stream) + next(stream)
    stream.close()
    [details] = ends(log)
    assert (details["complete"], details["reason"]) == (False, "closed")
    assert details["count"] == stream.count and 0 < stream.count < 400
    assert first
    with pytest.raises(StopIteration):
        next(stream)


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_closes_after_the_end_changes_nothing(many: str, log: Log) -> None:
    stream = stream_of(many)
    assert list(stream)
    stream.close()
    [details] = ends(log)
    assert (details["count"], details["complete"]) == (400, True)


def export_backends() -> list[int]:
    """Return the servers that are busy with an export."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND query LIKE 'COPY (%%' AND state <> 'idle' AND backend_type = 'client backend'"
        )
        return [row[0] for row in cursor.fetchall()]


def no_export_backends() -> bool:
    """Wait until none is: the server takes a moment to end one that nobody is connected to any more."""
    for _ in range(300):
        if not export_backends():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_stops_leaves_no_connection(many: str) -> None:
    stream = stream_of(many, columns="changes")
    next(stream), next(stream)
    assert len(export_backends()) == 1
    stream.close()
    assert no_export_backends()


@pytest.mark.django_db(transaction=True)
def test_the_database_ends_the_connection(many: str, log: Log) -> None:
    tenant, context = many, Context.objects.latest("id")
    for _ in range(30):
        add_entry(context, tenant=tenant, changes={"text": [None, "x" * 300_000]})
    stream = stream_of(tenant, columns="changes")
    next(stream), next(stream)
    [pid] = export_backends()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(DatabaseError):
        list(stream)
    [details] = ends(log)
    assert (details["complete"], details["count"]) == (False, stream.count)
    assert details["reason"] in ("OperationalError", "InterfaceError")


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_fails(many: str, log: Log) -> None:
    stream = stream_of(many)
    stream.export.entries = stream.export.entries.extra(where=["1 / (length(object_repr) - 3) > 0"])
    with pytest.raises(DatabaseError, match="division by zero"):
        list(stream)
    [details] = ends(log)
    assert (details["complete"], details["count"], details["reason"]) == (False, 0, "DataError")


@pytest.mark.django_db(transaction=True)
def test_interrupting_from_another_thread(many: str, log: Log) -> None:
    import threading
    import time

    stream = stream_of(many, format="ndjson")
    stream.export.entries = stream.export.entries.extra(where=["pg_sleep(20) IS NOT NULL"])
    began = time.monotonic()

    def interrupt() -> None:
        while not export_backends() and time.monotonic() - began < 15:
            time.sleep(0.02)
        connections.close_all()
        stream.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(DatabaseError, match="cancel"):
        next(stream)
    thread.join()
    assert time.monotonic() - began < 15
    assert ends(log)[0]["complete"] is False


@pytest.mark.django_db(transaction=True)
def test_the_session_s_timeouts_do_not_end_a_download(many: str) -> None:
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET statement_timeout = 300')
    try:
        stream = stream_of(many, format="ndjson")
        stream.export.entries = stream.export.entries.filter(object_id="1").extra(
            where=["(object_id <> '1' OR pg_sleep(0.002) IS NOT NULL)"]
        )
        assert len(b"".join(stream).split(b"\n")) == 401
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" RESET statement_timeout')


@pytest.mark.django_db(transaction=True)
def test_one_snapshot(many: str) -> None:
    stream = stream_of(many, columns="id")
    next(stream)
    first = next(stream)
    add_entry(Context.objects.latest("id"), tenant=many)
    rest = b"".join(stream)
    assert (first + rest).count(b"\n") == 400


@pytest.mark.django_db
def test_within_a_transaction_it_reads_what_the_transaction_wrote(ann: Context) -> None:
    with transaction.atomic():
        entry = add_entry(ann)
        with connection.cursor() as cursor:
            cursor.execute("SHOW TimeZone")
            before = cursor.fetchone()
        assert str(entry.pk).encode() in content(planned(columns="id"))
        with connection.cursor() as cursor:
            cursor.execute("SHOW TimeZone")
            assert cursor.fetchone() == before
        assert add_entry(ann)


@pytest.mark.django_db
def test_breaking_off_within_a_transaction_leaves_it_usable(ann: Context, log: Log) -> None:
    for _ in range(300):
        add_entry(ann, changes={"text": [None, "x" * 1000]})
    stream = ExportStream(planned())
    next(stream), next(stream)
    stream.close()
    assert Entry.objects.filter(tenant=TENANT).count() == 300
    assert ends(log)[0]["complete"] is False


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_broke_does_not_swallow_the_end(many: str, log: Log) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        stream = stream_of(many)
        next(stream)
        connection.needs_rollback = True
        stream.close()
        raise RuntimeError
    # What was written in the transaction is gone with it; the end was written beside it.
    assert [entry.action for entry in log(channel="audit")] == [EXPORTED]


@pytest.mark.django_db
def test_without_the_log_nothing_is_exported(ann: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise psycopg.OperationalError("no log")

    monkeypatch.setattr("audit_plugin.export.stream.write_event", broken)
    with pytest.raises(psycopg.OperationalError):
        ExportStream(planned())


@pytest.mark.django_db
def test_an_end_that_can_t_be_written_is_at_least_logged(
    ann: Context, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add_entry(ann)
    stream = ExportStream(planned())

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("no log")

    monkeypatch.setattr("audit_plugin.export.stream.write_event", broken)
    with caplog.at_level(logging.ERROR, "audit_plugin"):
        assert list(stream)
    assert str(stream.started) in caplog.text
