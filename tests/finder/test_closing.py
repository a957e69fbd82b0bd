"""What the nightly command does to months, and what the finder makes of it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from audit_plugin import rollup
from audit_plugin.capture import doctor
from audit_plugin.capture.schema import ensure_partitions
from audit_plugin.filters import EntryFilter
from audit_plugin.finder import ranges
from audit_plugin.finder.closing import Closing
from audit_plugin.finder.ids import moment_of, uuid_floor
from tests.capture.roles import Team, team
from tests.reading import JULY, JUNE, MAY, add, add_all, close, everything, partitions


def indexed() -> list[tuple[str, str]]:
    ranges.forget()
    return [(f"{moment_of(item.low):%m-%d}", item.indexed) for item in ranges.ranges("default")][1:]


@pytest.mark.django_db
def test_a_month_that_is_over_gets_its_index_once_and_the_current_one_every_night() -> None:
    partitions()

    def run(now: Any) -> list[str]:
        return [name[-7:] for name in Closing("default", now=now).run()]

    assert run(MAY + timedelta(days=10)) == ["2025_05"]
    assert indexed()[:2] == [("05-01", "part"), ("05-11", "none")]
    assert run(MAY + timedelta(days=10, hours=5)) == []
    assert run(MAY + timedelta(days=10, hours=13)) == ["2025_05"]
    # Transactions that began in the month may still be writing to it.
    assert run(JUNE + timedelta(minutes=30)) == ["2025_05", "2025_06"]
    assert indexed()[0] == ("05-01", "part")
    assert run(JUNE + timedelta(hours=2)) == ["2025_05"]
    assert indexed()[:2] == [("05-01", "all"), ("06-01", "part")]
    assert run(JUNE + timedelta(hours=3)) == []
    assert run(JULY + timedelta(hours=2)) == ["2025_06", "2025_07"]
    assert indexed()[:3] == [("05-01", "all"), ("06-01", "all"), ("07-01", "part")]


@pytest.mark.django_db
def test_a_rare_entry_is_found_through_the_index() -> None:
    partitions()
    add(MAY, model="former.rare", action="restore", object_repr="One of a kind", actor_id="9")
    add_all([{"at": MAY + timedelta(minutes=number), "number": number} for number in range(1, 5000)])
    close()
    for given in ({"model": "former.rare"}, {"model": "former.rare", "actor": "9"}, {"search": "kind"}):
        conditions = list(EntryFilter(**given).apply(everything()).narrowing.expressions())  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_plugin_entry_2025_05")
            plan = everything().between(uuid_floor(MAY), uuid_floor(JUNE)).filter(*conditions).explain()
        assert "2025_05_find_v1" in plan, given


@pytest.mark.django_db(transaction=True)
def test_the_command_counts_and_indexes_beside_writers() -> None:
    last = (timezone.now().replace(day=1) - timedelta(days=10)).replace(hour=0)
    names = [f"audit_plugin_{table}_{last:%Y_%m}" for table in ("entry", "context")]
    ensure_partitions("default", first=last.date().replace(day=1), ahead=1)
    rollup.catch_up("default")

    def run(**options: Any) -> str:
        out = io.StringIO()
        call_command("audit_optimise", stdout=out, **options)
        return out.getvalue()

    try:
        add_all([{"at": last + timedelta(seconds=number)} for number in range(30)])
        assert run(dry_run=True).startswith("Entries to count: at most 30\n")
        assert names[0] in run(dry_run=True)
        done = run()
        assert "Counted: 30 entries" in done
        assert f"Indexed: {names[0]}, " in done
        assert rollup.behind("default") == 0
        assert run() == "Counted: 0 entries\nIndexed: nothing to do\n"
        run(recount=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(entries) FROM audit_plugin_kind")
            assert cursor.fetchone() == (30,)
            cursor.execute(
                "SELECT string_agg(relname, ', ') FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid"
            )
            assert cursor.fetchone() == (None,)
    finally:
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP TABLE IF EXISTS {name}")
        ranges.forget()


@pytest.mark.django_db
def test_a_database_without_a_log_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_plugin_entry RENAME TO audit_plugin_hidden")
    with pytest.raises(CommandError, match="no audit log"):
        call_command("audit_optimise")


@pytest.fixture(scope="module")
def hardened(django_db_setup: None, django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock(), team("optimise") as made:
        made.grant_host_rights()
        made.harden()
        yield made


def test_on_a_hardened_database(hardened: Team) -> None:
    # The application may have new entries counted, and no more.
    assert rollup.catch_up(hardened.app, patience=0) >= 0
    with pytest.raises(CommandError, match="may not act as"):
        call_command("audit_optimise", database=hardened.app, stdout=io.StringIO())
    with pytest.raises(CommandError, match="may not act as"):
        call_command("audit_optimise", database=hardened.app, recount=True, stdout=io.StringIO())
    out = io.StringIO()
    call_command("audit_optimise", database=hardened.deploy, stdout=out)
    assert "Indexed: audit_plugin_entry_" in out.getvalue()
    with connections[hardened.deploy].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (hardened.deploy,)
    found = {item.code for item in doctor.examine(hardened.app, level=2)}
    assert not found & {"log-owner", "log-grant", "log-altered", "shared-altered", "counts-missing"}
    assert "Nothing to do." in hardened.harden()


@pytest.mark.django_db
def test_the_doctor_names_what_slows_reading_down(monkeypatch: pytest.MonkeyPatch) -> None:
    partitions()
    add_all([{"at": MAY + timedelta(seconds=number)} for number in range(30)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_plugin_entry_2025_05")
    monkeypatch.setattr("audit_plugin.capture.doctor.reading.MANY", 20)
    found = {item.code: item for item in doctor.examine("default")}
    assert found["month-unindexed"].subject == "audit_plugin_entry_2025_05"
    assert found["counts-behind"].severity == "info"
    json.dumps(found["counts-behind"].as_dict())
    close()
    rollup.catch_up("default", patience=0)
    codes = {item.code for item in doctor.examine("default")}
    assert not {"month-unindexed", "counts-behind"} & codes


def test_ids_are_moments() -> None:
    assert moment_of(uuid_floor(JUNE)) == JUNE
    assert uuid_floor(JUNE - timedelta(days=365 * 80)) == UUID(int=0)
    assert moment_of(UUID(int=(1 << 128) - 1)).year == 9999
