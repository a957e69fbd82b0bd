"""The switch for a host's tests: nothing is recorded unless asked for, and then exactly that."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, connections, transaction
from django.test import TestCase, override_settings

from audit_plugin.capture.install import install, uninstall
from audit_plugin.exceptions import AuditError
from audit_plugin.models import Context
from audit_plugin.testing import capture, clear, entries
from tests.testapp.models import Author, Book, Reading, Restaurant, Tag, Untracked

pytest_plugins = ["audit_plugin.pytest_plugin"]


@pytest.fixture
def capture_off(db: None) -> None:
    """Take the triggers off, as they are under AUDIT_CAPTURE = False; the test's end puts them back."""
    uninstall("default")


def triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname ~ '^audit_' AND tgname <> 'audit_guard'"
        )
        return {row[0] for row in cursor.fetchall()}


def names(log: capture) -> list[tuple[str, str]]:
    return [(entry.action, entry.object_repr) for entry in log.entries()]


@override_settings(AUDIT_CAPTURE=False)
def test_migrate_installs_no_triggers(db: None) -> None:
    install("default")
    assert triggers() == set()
    Author.objects.create(name="Jane")
    assert entries("testapp.Author").filter(object_repr="Jane").count() == 0


@pytest.mark.usefixtures("capture_off")
class TestBlock:
    """`with capture(...)`."""

    def test_records_within_only(self) -> None:
        Tag.objects.create(name="before")
        with capture("testapp.Tag") as log:
            Tag.objects.create(name="within")
        Tag.objects.create(name="after")
        assert names(log) == [("create", "within")]
        assert triggers() == set()

    def test_records_what_was_asked_for_only(self) -> None:
        with capture("testapp.Tag") as log:
            Tag.objects.create(name="a")
            Author.objects.create(name="Jane")
        assert names(log) == [("create", "a")]

    def test_model_that_is_not_recorded_otherwise(self) -> None:
        with capture("testapp.Untracked") as log:
            Untracked.objects.create(name="a")
        assert names(log) == [("create", "a")]

    def test_options_of_the_model_count(self) -> None:
        with capture("testapp.Book") as log:
            Book.objects.create(title="Emma", isbn="1", pin="1234", views=3)
        (entry,) = log.entries()
        assert entry.object_repr == "Emma (1)"
        assert "views" not in entry.changes
        assert entry.masked == ["pin"]

    def test_parents_and_many_to_many_tables_come_along(self) -> None:
        with capture("testapp.Restaurant", "testapp.Book") as log:
            Restaurant.objects.create(name="Noma", stars=3)
            book = Book.objects.create(title="Emma")
            book.tags.add(Tag.objects.create(name="novel"))
            Reading.objects.create(book=book, reader=Author.objects.create(name="Jane"))
        assert set(log.entries().values_list("model", flat=True)) == {
            "testapp.place",
            "testapp.restaurant",
            "testapp.book",
            "testapp.reading",
        }

    def test_all_that_is_recorded_by_default(self) -> None:
        with capture() as log:
            Tag.objects.create(name="a")
            Untracked.objects.create(name="b")
        assert names(log) == [("create", "a")]

    def test_rows_with_foreign_keys_yet_to_be_checked(self) -> None:
        """PostgreSQL makes and drops no trigger on a table with such checks to come."""
        Book.objects.create(title="Before", author=Author.objects.create(name="Jane"))
        with capture("testapp.Book") as log:
            Book.objects.create(title="Emma", author=Author.objects.get())
        assert names(log) == [("create", "Emma ()")]

    def test_nested(self) -> None:
        with capture("testapp.Tag") as outer:
            with capture("testapp.Tag", "testapp.Author") as inner:
                Tag.objects.create(name="a")
                Author.objects.create(name="Jane")
            Tag.objects.create(name="b")
            Author.objects.create(name="Nobody sees")
        assert names(inner) == [("create", "a"), ("create", "Jane"), ("create", "b")]
        assert names(outer) == names(inner)

    def test_error_of_the_database(self) -> None:
        with (
            pytest.raises(DatabaseError),
            capture("testapp.Tag"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT 1/0")
        assert triggers() == set()

    def test_error_that_ends_the_transaction(self) -> None:
        broken = transaction.atomic()
        with pytest.raises(DatabaseError), broken, capture("testapp.Tag"), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        assert triggers() == set()

    def test_unknown_model(self) -> None:
        with pytest.raises(AuditError, match="testapp"), capture("testapp.Bok"):
            pass

    def test_decorated_function(self) -> None:
        @capture("testapp.Tag")
        def work(name: str) -> str:
            Tag.objects.create(name=name)
            return name

        assert [work("a"), work("b")] == ["a", "b"]
        assert [entry.object_repr for entry in entries("testapp.Tag").order_by("-seq")[:2]] == ["b", "a"]
        assert triggers() == set()

    def test_pytest_class_is_refused(self) -> None:
        with pytest.raises(TypeError, match="use the fixture audit_capture"):

            @capture("testapp.Tag")
            class Tests:
                pass


def test_recorded_anyway(db: None) -> None:
    before = triggers()
    with capture("testapp.Tag") as log:
        Tag.objects.create(name="a")
    assert names(log) == [("create", "a")]
    assert triggers() == before


@pytest.mark.django_db(transaction=True)
class TestRealTransactions:
    """The same where nothing is rolled back."""

    @pytest.fixture(autouse=True)
    def off(self, transactional_db: None) -> Iterator[None]:
        uninstall("default")
        yield
        install("default")

    def test_triggers_are_dropped(self) -> None:
        with capture("testapp.Tag") as log:
            Tag.objects.create(name="a")
        assert (names(log), triggers()) == ([("create", "a")], set())

    def test_triggers_are_dropped_after_an_error(self) -> None:
        with pytest.raises(ZeroDivisionError), capture("testapp.Tag"):
            Tag.objects.create(name=str(1 / 0))
        assert triggers() == set()

    def test_coroutine(self) -> None:
        @capture("testapp.Tag")
        async def work() -> None:
            await Tag.objects.acreate(name="a")

        async def main() -> None:
            await work()
            # The thread that coroutines reach the database through has a connection of its own.
            await sync_to_async(connections.close_all)()

        asyncio.run(main())
        assert entries("testapp.Tag").last().object_repr == "a"  # type: ignore[union-attr]
        assert triggers() == set()

    def test_fixture_empties_the_log(self, audit_capture: Callable[..., capture]) -> None:
        log = audit_capture("testapp.Tag")
        Tag.objects.create(name="a")
        assert names(log) == [("create", "a")]


def test_fixture(capture_off: None, audit_capture: Callable[..., capture]) -> None:
    Tag.objects.create(name="before")
    log = audit_capture("testapp.Tag")
    audit_capture("testapp.Author")
    Tag.objects.create(name="a")
    Author.objects.create(name="Jane")
    assert names(log) == [("create", "a"), ("create", "Jane")]
    assert [entry.object_repr for entry in log.entries("testapp.Author")] == ["Jane"]
    assert log.entries(action="delete").count() == 0


@capture("testapp.Untracked")
class TestDecoratedClass(TestCase):
    """Each test of the class is recorded, what it sets up included."""

    def setUp(self) -> None:
        Untracked.objects.create(name="set up")

    def test_one(self) -> None:
        Untracked.objects.create(name="one")
        found = entries("testapp.Untracked").order_by("-seq")[:2]
        self.assertEqual([entry.object_repr for entry in found], ["one", "set up"])


class TestClear:
    """Emptying the log."""

    def test_empties_and_guards_again(self, db: None) -> None:
        Tag.objects.create(name="a")
        clear()
        assert (entries().count(), Context.objects.count()) == (0, 0)
        Tag.objects.create(name="b")
        assert [entry.object_repr for entry in entries()] == ["b"]
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE audit_plugin_entry")

    def test_refuses_a_database_that_is_not_for_tests(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from audit_plugin import testing

        monkeypatch.setattr(testing, "_is_test_database", lambda *arguments: False)
        Tag.objects.create(name="a")
        with pytest.raises(AuditError, match="is no test database"):
            clear()
        assert entries().filter(object_repr="a").count() == 1

    @pytest.mark.parametrize(
        ("name", "configured", "expected"),
        [
            ("test_shop", None, True),
            ("shop", None, False),
            ("shop_test", None, False),
            ("checks", "checks", True),
            ("checks_2", "checks", True),
            ("checks_gw1", "checks", True),
            ("checksum", "checks", False),
        ],
    )
    def test_what_is_a_test_database(self, name: str, configured: str | None, expected: bool) -> None:
        from audit_plugin.testing import _is_test_database

        class Connection:
            settings_dict = {"TEST": {"NAME": configured}}

        assert _is_test_database(Connection(), name) is expected  # type: ignore[arg-type]


def test_every_kind_of_test_case_of_a_host() -> None:
    """TestCase, TransactionTestCase, serialized_rollback, available_apps, LiveServerTestCase, under Django's own runner."""
    done = subprocess.run(
        [sys.executable, "-m", "django", "test", "tests.host_suite.suite", "--noinput"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.host_suite.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Ran 11 tests" in done.stderr
