"""Rows older than the log, recorded as they are: completely, once, and in the right order beside other writers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pghistory
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from audit_plugin.capture import baseline, doctor
from tests.conftest import Log
from tests.testapp.models import Author, Book, Country, Measurement, OrderLine, Place, Restaurant, Tag

pytestmark = pytest.mark.django_db


@contextmanager
def unrecorded(*models: Any) -> Iterator[None]:
    """Write as if it were before the log was installed."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        for model in models:
            # The checks of foreign keys that are still to come would be in the way.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ '^audit_'",
                [model._meta.db_table],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {model._meta.db_table} ENABLE ALWAYS TRIGGER "{name}"')


def run(*models: str, **options: Any) -> str:
    out = StringIO()
    call_command("audit_baseline", *models, stdout=out, **options)
    return out.getvalue()


def test_entry_holds_what_an_insert_would_have(log: Log) -> None:
    values = {"title": "Emma", "isbn": "1", "data": {"a": 1}, "pin": "1234", "price": "9.50"}
    with unrecorded(Book):
        old = Book.objects.create(**values)
    new = Book.objects.create(**values)
    assert run("testapp.Book").startswith("testapp.Book: 1 rows recorded in ")
    created, recorded = log()
    assert (recorded.operation, recorded.action, recorded.channel) == ("B", "baseline", "data")
    assert (recorded.object_id, recorded.object_repr) == (str(old.pk), "Emma (1)")
    ignored = {"id", "created"}
    assert {k: v for k, v in recorded.changes.items() if k not in ignored} == {
        k: v for k, v in created.changes.items() if k not in ignored
    }
    assert recorded.changes.keys() == created.changes.keys()
    assert recorded.masked == created.masked == ["pin"]
    assert (created.object_id, recorded.details) == (str(new.pk), None)


def test_context_is_the_command(log: Log) -> None:
    with unrecorded(Tag):
        Tag.objects.create(name="a")
    run("testapp.Tag")
    (entry,) = log()
    assert (entry.context.source, entry.context.name) == ("command", "audit_baseline")


def test_every_row_has_one_entry_however_often_it_runs(log: Log) -> None:
    with unrecorded(Author):
        Author.objects.bulk_create([Author(name=f"Author {n}") for n in range(700)])
    Author.objects.create(name="Recorded")
    assert "700 rows recorded" in run("testapp.Author", batch_size=50)
    assert run("testapp.Author") == "testapp.Author: 0 rows recorded\n"
    assert len(log(action="baseline")) == 700
    assert len(log()) == 701
    assert len({entry.object_id for entry in log()}) == 701


def test_it_goes_on_where_it_was_stopped(log: Log) -> None:
    with unrecorded(Author):
        Author.objects.bulk_create([Author(name=f"Author {n}" * 5) for n in range(1000)])
    (spec,) = baseline.wanted("default", ["testapp.Author"])
    walk = baseline.record("default", spec, batch_size=100)
    # The first pages may hold nothing but rows of tests that were rolled back.
    first = next(step for step in walk if step.recorded)
    walk.close()
    assert 0 < first.recorded < 1000
    assert len(log()) == first.recorded
    assert f"{1000 - first.recorded} rows recorded" in run("testapp.Author")
    assert len(log()) == 1000


def test_ctrl_c_keeps_what_is_recorded(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    with unrecorded(Author):
        Author.objects.bulk_create([Author(name=f"Author {n}" * 5) for n in range(1000)])
    record = baseline.record

    def interrupted(*arguments: Any, **options: Any) -> Iterator[baseline.Progress]:
        yield next(step for step in record(*arguments, **options) if step.recorded)
        raise KeyboardInterrupt

    monkeypatch.setattr(baseline, "record", interrupted)
    with pytest.raises(CommandError, match="run it again to go on") as stopped:
        run("testapp.Author", batch_size=100)
    assert stopped.value.returncode == 130
    assert 0 < len(log()) < 1000


def test_dry_run_writes_nothing(log: Log) -> None:
    with unrecorded(Tag):
        Tag.objects.create(name="a")
    assert run("testapp.Tag", dry_run=True) == "testapp.Tag: 1 rows to record\n"
    assert log() == []


def test_tables_of_every_shape(log: Log) -> None:
    with unrecorded(Place, Restaurant, OrderLine, Country, Measurement):
        restaurant = Restaurant.objects.create(name="Noma", stars=3)
        OrderLine.objects.create(order="x", position=1, quantity=2)
        Country.objects.create(code="NO", name="Norway")
        Measurement.objects.create(sensor="a", year=2025, value=1)
        Measurement.objects.create(sensor="b", year=2026, value=2)
    said = run("testapp.*")
    assert "testapp.Measurement: 2 rows recorded" in said
    assert {(entry.model, entry.object_id, entry.object_repr) for entry in log(operation="B")} == {
        ("testapp.place", str(restaurant.pk), "Noma"),
        ("testapp.restaurant", str(restaurant.pk), ""),
        ("testapp.orderline", '["x", 1]', "x"),
        ("testapp.country", "NO", "Norway"),
        *(("testapp.measurement", str(row.pk), row.sensor) for row in Measurement.objects.all()),
    }
    assert "rows recorded in" not in run("testapp.*")


def test_row_that_was_only_updated_still_gets_one(log: Log) -> None:
    with unrecorded(Tag):
        tag = Tag.objects.create(name="a")
    Tag.objects.update(name="b")
    run("testapp.Tag")
    assert [(entry.action, entry.object_id, entry.changes) for entry in log()] == [
        ("update", str(tag.pk), {"name": ["a", "b"]}),
        ("baseline", str(tag.pk), {"id": tag.pk, "name": "b"}),
    ]


def test_row_that_its_tracker_leaves_out_has_no_baseline(log: Log) -> None:
    with unrecorded(Tag):
        Tag.objects.create(name="a")
        Tag.objects.create(name="b")
    trackers = [pghistory.InsertEvent(condition=pghistory.Condition("NEW.name = 'a'"))]
    with override_settings(AUDIT_OPTIONS={"testapp.Tag": {"trackers": trackers}}):
        assert "1 rows recorded" in run("testapp.Tag")
        assert "0 rows recorded" in run("testapp.Tag")
    assert [entry.object_repr for entry in log()] == ["a"]


def test_row_recorded_under_an_earlier_name_of_its_model(log: Log) -> None:
    Tag.objects.create(name="a")
    with override_settings(AUDIT_RENAMED_MODELS={"testapp.tag": "testapp.Author"}), unrecorded(Author):
        Author.objects.create(id=Tag.objects.get().pk, name="a")
        assert "0 rows recorded" in run("testapp.Author")


def test_nothing_is_found_afterwards(log: Log) -> None:
    with unrecorded(Tag):
        Tag.objects.create(name="a")
    run()
    assert not [finding for finding in doctor.examine("default") if finding.code == "baseline-missing"]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (["testapp.Bok"], {}, "testapp.Bok"),
        (["testapp.Untracked"], {}, "testapp.Untracked isn't recorded"),
        ([], {"batch_size": 0}, "at least 1"),
    ],
)
def test_wrong_arguments(arguments: list[str], options: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments, **options)


def test_no_log_yet() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_plugin_entry")
    with pytest.raises(CommandError, match="Run migrate first"):
        run()


class Terminal(StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal() -> None:
    with unrecorded(Author):
        Author.objects.bulk_create([Author(name=f"Author {n}" * 5) for n in range(1000)])
    out = Terminal()
    call_command("audit_baseline", "testapp.Author", batch_size=100, stdout=out, no_color=True)
    steps = [step for step in out.getvalue().split("\r") if "%" in step]
    assert len(steps) > 5
    assert steps[0].startswith("testapp.Author:  ")
    assert " rows, " in steps[0]
    assert steps[0].endswith(" left\033[K")
    assert "100%  checking" in steps[-1]
    assert out.getvalue().rpartition("\r")[2].startswith("\033[Ktestapp.Author: 1,000 rows recorded in 0:0")
