"""What a host's tests get: no capture unless asked for, and a log that their runner doesn't trip over."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import TestCase, TransactionTestCase

from audit_plugin import testing
from audit_plugin.capture import install
from audit_plugin.exceptions import AuditError
from audit_plugin.models import Entry
from audit_plugin.pytest_plugin import audit_capture  # noqa: F401 - a fixture
from tests.testapp.models import Author, Book, Tag


@pytest.fixture
def off(db: None, settings: Any) -> None:
    """A test database as AUDIT_CAPTURE = False leaves it."""
    settings.AUDIT_CAPTURE = False
    install.install("default")


def trigger_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT count(*) FROM pg_trigger WHERE tgname ~ '^audit_(insert|update|delete|truncate|links)_'"
        )
        return int(cursor.fetchone()[0])


def test_nothing_is_recorded_and_no_trigger_fires_unless_asked_for(off: None) -> None:
    before = Entry.objects.count()
    Author.objects.create(name="Ann")
    assert (Entry.objects.count(), trigger_count()) == (before, 0)


def test_named_models_are_recorded_within_the_block(off: None) -> None:
    Author.objects.create(name="before")
    with testing.capture("testapp.Author") as log:
        Author.objects.create(name="within")
        Tag.objects.create(name="not named")
    Author.objects.create(name="after")
    assert [entry.object_repr for entry in log.entries()] == ["within"]
    assert trigger_count() == 0


def test_model_classes_and_links_are_taken(off: None) -> None:
    with testing.capture(Book) as log:
        book = Book.objects.create(title="Dune")
        book.tags.add(Tag.objects.create(name="a"))
    assert [entry.operation for entry in log.entries()] == ["I", "M"]


@pytest.mark.django_db
def test_triggers_that_were_there_before_stay() -> None:
    before = trigger_count()
    with testing.capture("testapp.Author"):
        pass
    assert trigger_count() == before > 0


def test_pending_constraints_do_not_get_in_the_way(off: None) -> None:
    author = Author.objects.create(name="Ann")
    Book.objects.create(title="its foreign key is checked at the end of the transaction", author=author)
    with testing.capture(Book, Author) as log:
        Book.objects.create(title="and so is this one's", author=author)
    assert len(log.entries()) == 1


def test_fixture_records_until_the_test_ends(off: None, audit_capture: Any) -> None:  # noqa: F811
    log = audit_capture("testapp.Author")
    Author.objects.create(name="Ann")
    assert [entry.action for entry in log.entries(model="testapp.author")] == ["create"]


def test_test_that_breaks_its_transaction_leaves_no_other_error(off: None) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic(), testing.capture(Tag):
        Tag.objects.create(name="twice")
        Tag.objects.create(name="twice")


def test_unknown_model_is_an_error(off: None) -> None:
    with pytest.raises(LookupError, match=r"testapp\.Autor"), testing.capture("testapp.Autor"):
        pass


@pytest.mark.django_db
def test_log_can_be_emptied_in_a_test_database() -> None:
    Author.objects.create(name="Ann")
    testing.clear()
    assert Entry.objects.count() == 0
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_plugin_entry")


@pytest.mark.django_db
def test_log_of_any_other_database_is_not_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "production")
    with pytest.raises(AuditError, match="no test database"):
        testing.clear()


class DecoratedTest(TestCase):
    @testing.capture(Tag)
    def test_method(self) -> None:
        with testing.capture(Author) as log:
            Author.objects.create(name="Ann")
        assert len(log.entries()) == 1


class FlushingTest(TransactionTestCase):
    """Django's `flush` empties all managed tables after each of these; the guarded log must not stop it."""

    serialized_rollback = True
    available_apps = None

    def test_first(self) -> None:
        Author.objects.create(name="Ann")
        assert Author.objects.count() == 1

    def test_second(self) -> None:
        assert Author.objects.count() == 0
        with testing.capture(Author) as log:
            Author.objects.create(name="Ben")
        assert [entry.object_repr for entry in log.entries()] == ["Ben"]
