"""One of each kind of test case that Django has; several each, since trouble shows in what the one leaves to the next."""

from __future__ import annotations

from urllib.request import urlopen

from django.db import connection
from django.test import LiveServerTestCase, TestCase, TransactionTestCase

from audit_plugin.testing import capture, entries
from tests.testapp.models import Author, Book


def triggers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname ~ '^audit_' AND tgname <> 'audit_guard'")
        return int(cursor.fetchone()[0])


class InTransaction(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.author = Author.objects.create(name="Jane")

    def test_nothing_is_recorded(self) -> None:
        Book.objects.create(title="Emma", author=self.author).delete()
        self.assertEqual((triggers(), entries().count()), (0, 0))

    def test_what_is_asked_for_is_recorded(self) -> None:
        Book.objects.create(title="Before", author=self.author)
        with capture("testapp.Book") as log:
            Book.objects.create(title="Emma", author=self.author)
        Book.objects.create(title="After", author=self.author)
        self.assertEqual([entry.object_repr for entry in log.entries()], ["Emma ()"])

    def test_nothing_is_left_of_the_other_tests(self) -> None:
        self.assertEqual((triggers(), entries().count()), (0, 0))


class WithTransactions(TransactionTestCase):
    def test_a_capture_is_gone_afterwards(self) -> None:
        with capture("testapp.Author") as log:
            Author.objects.create(name="Jane")
            self.assertGreater(triggers(), 0)
        self.assertEqual((log.entries().count(), triggers()), (1, 0))

    def test_b_log_is_left_alone_by_flush(self) -> None:
        self.assertEqual(Author.objects.count(), 0)
        self.assertEqual(entries("testapp.Author").count(), 1)


class WithSerializedRollback(TransactionTestCase):
    serialized_rollback = True

    def test_a(self) -> None:
        Author.objects.create(name="Jane")

    def test_b(self) -> None:
        self.assertEqual(Author.objects.count(), 0)


class WithSomeApps(TransactionTestCase):
    available_apps = ["tests.testapp", "django.contrib.contenttypes", "django.contrib.auth", "audit_plugin"]

    def test_a(self) -> None:
        Author.objects.create(name="Jane")

    def test_b(self) -> None:
        self.assertEqual(Author.objects.count(), 0)


class WithServer(LiveServerTestCase):
    def test_a(self) -> None:
        with urlopen(f"{self.live_server_url}/admin/login/") as response:
            self.assertEqual(response.status, 200)

    def test_b(self) -> None:
        Author.objects.create(name="Jane")
