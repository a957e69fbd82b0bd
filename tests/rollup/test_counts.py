"""The counts say what a count of the log itself says, whatever has been counted already."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from audit_plugin import rollup, testing
from audit_plugin.connections import own_connection
from audit_plugin.models import Entry
from audit_plugin.rollup import Rollup, reading
from audit_plugin.rollup.conditions import Wanted
from tests.reading import JUNE, add, add_all, add_context
from tests.testapp.models import Author

KINDS = [
    {"action": "create", "model": "testapp.author", "tenant": "north", "actor_id": "1"},
    {"action": "update", "model": "testapp.author", "tenant": None, "actor_id": "1"},
    {"action": "update", "model": "testapp.book", "tenant": "south", "actor_id": "2"},
    {"action": "auth.login", "model": "", "channel": "auth", "actor_id": None},
]
WANTED = [
    Wanted(),
    Wanted({"action": frozenset({"update"})}),
    Wanted({"tenant": frozenset({None, "south"})}),
    Wanted({"tenant": frozenset({"nowhere"})}),
    Wanted({}, {"model": frozenset({"testapp.book"})}),
    Wanted({"actor_id": frozenset({"1"})}),
    Wanted({"actor_id": frozenset({"1"}), "action": frozenset({"create"})}),
    Wanted({"channel": frozenset({"data"})}, first=date(2025, 6, 3), last=date(2025, 6, 5)),
]


def wanted_entries(wanted: Wanted) -> list[Entry]:
    def fits(entry: Entry) -> bool:
        day = entry.occurred_at.astimezone(UTC).date()
        return (
            all(getattr(entry, column) in values for column, values in wanted.values.items())
            and not any(getattr(entry, column) in values for column, values in wanted.unwanted.items())
            and (wanted.first or day) <= day <= (wanted.last or day)
        )

    return [entry for entry in Entry.objects.all() if fits(entry)]


def compare() -> None:
    """Compare everything that the counts can be asked with the log."""
    counts = Rollup("default")
    assert counts.complete
    for wanted in WANTED:
        entries = wanted_entries(wanted)
        unbounded = wanted_entries(Wanted(wanted.values, wanted.unwanted))
        if not wanted.by_actor:
            assert counts.days(wanted) == Counter(e.occurred_at.astimezone(UTC).date() for e in entries)
        months = Counter(e.occurred_at.astimezone(UTC).date().replace(day=1) for e in entries)
        if wanted.by_actor:
            assert counts.months(wanted) == months
        assert counts.total(wanted) == len(entries)
        for column in ("action", "model", "channel", "tenant"):
            found = {getattr(entry, column) for entry in unbounded} - {None}
            assert counts.values(column, wanted) == sorted(found)
        if not wanted.by_actor:
            actors = {entry.actor_id for entry in unbounded} - {None}
            assert {key for key, _label, _email in counts.actors(wanted)} == actors


def add_some(day: int, number: int = 12) -> None:
    add_all(
        [
            {
                "at": JUNE + timedelta(days=day, minutes=place),
                "number": day * 1000 + place,
                **KINDS[place % 4],
            }
            for place in range(number)
        ]
    )


@pytest.mark.django_db
def test_nothing_counted_yet_part_counted_and_all_counted() -> None:
    add_some(1)
    compare()
    assert rollup.catch_up("default", patience=0) >= 12
    compare()
    add_some(2)
    compare()
    assert rollup.catch_up("default", patience=0) >= 12
    assert rollup.catch_up("default", patience=0) == 0
    compare()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(entries) FROM audit_plugin_kind")
        assert cursor.fetchone()[0] == Entry.objects.count()


@pytest.mark.django_db
def test_counted_in_small_batches() -> None:
    add_some(1, 50)
    rollup.catch_up("default", patience=0, batch=7)
    compare()


@pytest.mark.django_db
def test_counting_anew() -> None:
    add_some(1)
    rollup.catch_up("default", patience=0)
    rollup.start_anew("default")
    compare()
    rollup.catch_up("default", patience=0)
    compare()


@pytest.mark.django_db
def test_reading_counts_what_is_behind(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rollup.catch_up("default", patience=0)
    monkeypatch.setattr(reading, "TAIL", 10)
    monkeypatch.setattr(reading, "SHARE", 25)
    add_some(1, 30)
    settings.AUDIT_ROLLUP_ON_READ = False
    counts = Rollup("default")
    assert not counts.complete
    # The newest are there all the same.
    assert counts.total(Wanted()) == 10
    settings.AUDIT_ROLLUP_ON_READ = True
    compare()


@pytest.mark.django_db
def test_numbers_that_were_drawn_for_nothing_are_nothing_to_wait_for(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.AUDIT_ROLLUP_ON_READ = False
    rollup.catch_up("default", patience=0)
    monkeypatch.setattr(reading, "TAIL", 10)
    add(JUNE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('audit_plugin_entry_seq') FROM generate_series(1, 100)")
    compare()


@pytest.mark.django_db
def test_somebody_is_called_what_the_latest_entry_calls_them() -> None:
    add(JUNE, 1, actor_id="7", context_id=add_context("7", "Ann Archer", "ann@example.org"))
    rollup.catch_up("default", patience=0)
    assert Rollup("default").actors(Wanted()) == [("7", "Ann Archer", "ann@example.org")]
    newer = "ffffffff-0000-7000-8000-000000000000"
    add(JUNE, 2, actor_id="7", context_id=add_context("7", "Ann Baker", "ann@example.org", id=newer))
    assert Rollup("default").actors(Wanted())[-1][1] == "Ann Baker"
    rollup.catch_up("default", patience=0)
    assert Rollup("default").actors(Wanted()) == [("7", "Ann Baker", "ann@example.org")]
    assert Rollup("default").actors(Wanted(), named="bak")
    assert Rollup("default").actors(Wanted(), named="%") == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_of_a_transaction_that_is_still_open_is_counted_once_it_has_ended() -> None:
    rollup.catch_up("default", patience=0)
    drawn, commit = threading.Event(), threading.Event()

    def writer() -> None:
        with own_connection("default") as own:
            own.set_autocommit(False)
            with own.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO audit_plugin_entry "
                    "(id, context_id, occurred_at, action, channel, model, object_id, object_repr) "
                    "VALUES (gen_random_uuid(), gen_random_uuid(), now(), 'late', 'data', 'testapp.author', '1', '')"
                )
                drawn.set()
                commit.wait(30)
            own.commit()

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        assert drawn.wait(30)
        # Later number, earlier commit: nothing beyond the open transaction's number may be counted.
        add_some(3)
        rollup.catch_up("default", patience=0)
        assert rollup.behind("default") >= 12
        compare()
    finally:
        commit.set()
        thread.join(30)
    compare()
    assert rollup.catch_up("default", patience=5) >= 13
    assert Rollup("default").total(Wanted({"action": frozenset({"late"})})) == 1
    compare()


@pytest.mark.django_db(transaction=True)
def test_an_entry_of_a_prepared_transaction_is_counted_once_it_is_committed() -> None:
    rollup.catch_up("default", patience=0)
    with own_connection("default") as own, own.cursor() as cursor:
        cursor.execute("SHOW max_prepared_transactions")
        if cursor.fetchone()[0] == "0":
            pytest.skip("this server allows no prepared transactions (max_prepared_transactions = 0)")
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO testapp_author (name, api_token) VALUES ('two phases', '')")
        # Somebody else's entry, and a first look at who is writing: under the name before it is prepared.
        Author.objects.create(name="at once")
        rollup.catch_up("default", patience=0)
        cursor.execute("PREPARE TRANSACTION 'audit counts'")
        try:
            rollup.catch_up("default", patience=0)
        finally:
            cursor.execute("COMMIT PREPARED 'audit counts'")
    rollup.catch_up("default", patience=0)
    assert Rollup("default").total(Wanted({"model": frozenset({"testapp.author"})})) == 2


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_in_a_transaction_goes_with_it() -> None:
    rollup.catch_up("default", patience=0)
    with transaction.atomic():
        add_some(1)
        rollup.catch_up("default", patience=0)
        compare()
        transaction.set_rollback(True)
    compare()
    assert Rollup("default").total(Wanted()) == 0


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_sees_an_old_state_counts_nothing() -> None:
    rollup.catch_up("default", patience=0)
    add_some(1)
    for mode in ("READ ONLY", "ISOLATION LEVEL REPEATABLE READ"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION {mode}")
            assert rollup.catch_up("default", patience=0) == 0
            compare()


@pytest.mark.django_db(transaction=True)
def test_clearing_a_test_database_clears_the_counts() -> None:
    add_some(1)
    rollup.catch_up("default", patience=0)
    testing.clear()
    assert (rollup.behind("default"), Rollup("default").total(Wanted())) == (0, 0)
    add_some(2)
    compare()


@pytest.mark.django_db
def test_a_database_without_counts_is_read_from_the_log() -> None:
    add_some(1)
    reading._installed.clear()
    with connections["default"].cursor() as cursor:
        for name in ("kind", "rollup_state"):
            cursor.execute(f"ALTER TABLE audit_plugin_{name} RENAME TO audit_plugin_hidden_{name}")
    try:
        compare()
    finally:
        reading._installed.clear()
