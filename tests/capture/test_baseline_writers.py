"""A baseline beside other writers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connections, transaction

from audit_plugin.capture import baseline
from audit_plugin.models import Entry
from tests.capture.test_baseline import run, unrecorded
from tests.conftest import Log
from tests.testapp.models import Author, Book

pytestmark = pytest.mark.django_db


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Author]:
    """An author from before the log, whom other sessions see."""
    with unrecorded(Author):
        author = Author.objects.create(name="old")
    yield author
    Author.objects.all().delete()


@pytest.fixture
def other_session() -> Iterator[Any]:
    other = connections.create_connection("default")
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
class TestOtherWriters:
    """A baseline is never newer in the log than a change that it doesn't have."""

    def test_row_that_another_changes_is_recorded_when_that_has_ended(
        self, committed: Author, other_session: Any, log: Log
    ) -> None:
        """The change began first, so it is first in the log, and the baseline has it."""
        with other_session.cursor() as cursor:
            cursor.execute("BEGIN; UPDATE testapp_author SET name = 'new'")
            threading.Timer(0.7, cursor.execute, ["COMMIT"]).start()
            assert "1 rows recorded" in run("testapp.Author")
        assert [(entry.action, entry.changes["name"]) for entry in log()] == [
            ("update", ["old", "new"]),
            ("baseline", "new"),
        ]

    def test_row_that_stays_locked_is_named(
        self, committed: Author, other_session: Any, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(baseline, "PAUSE", 0)
        with other_session.cursor() as cursor:
            cursor.execute("BEGIN; UPDATE testapp_author SET name = 'new'")
            with pytest.raises(CommandError, match="1 rows were locked by others all the time"):
                run("testapp.Author")
            cursor.execute("ROLLBACK")
        assert log() == []
        assert "1 rows recorded" in run("testapp.Author")

    def test_change_waits_until_the_baseline_is_there(
        self, committed: Author, other_session: Any, log: Log
    ) -> None:
        (spec,) = baseline.wanted("default", ["testapp.Author"])
        ended = threading.Event()

        def change() -> None:
            with other_session.cursor() as cursor:
                cursor.execute("UPDATE testapp_author SET name = 'new'")
            ended.set()

        other_session.inc_thread_sharing()
        with transaction.atomic():
            next(baseline.record("default", spec))
            thread = threading.Thread(target=change)
            thread.start()
            assert not ended.wait(0.5)
        thread.join()
        assert [(entry.action, entry.changes["name"]) for entry in log()] == [
            ("baseline", "old"),
            ("update", ["old", "new"]),
        ]

    def test_deleted_row_has_no_baseline_after_its_end(
        self, committed: Author, other_session: Any, log: Log
    ) -> None:
        with other_session.cursor() as cursor:
            cursor.execute("BEGIN; DELETE FROM testapp_author")
            threading.Timer(0.3, cursor.execute, ["COMMIT"]).start()
            assert "0 rows recorded" in run("testapp.Author")
        assert [entry.action for entry in log()] == ["delete"]
        assert Entry.objects.filter(action="baseline", object_id=str(committed.pk)).count() == 0

    def test_foreign_keys_to_a_row_can_be_made_meanwhile(
        self, committed: Author, other_session: Any, log: Log
    ) -> None:
        (spec,) = baseline.wanted("default", ["testapp.Author"])
        with transaction.atomic(), other_session.cursor() as cursor:
            next(baseline.record("default", spec))
            cursor.execute("SET lock_timeout = '1s'")
            cursor.execute(
                "INSERT INTO testapp_book (title, isbn, author_id, price, data, cover, pin, views, created) "
                "VALUES ('Emma', '', %s, 1, '{}', '', '', 0, now())",
                [committed.pk],
            )
        assert Book.objects.count() == 1
        Book.objects.all().delete()
