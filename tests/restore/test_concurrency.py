"""Other connections write at the same time: no update is lost, no deadlock goes unanswered, nothing is restored by halves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections, transaction

import audit_plugin
from audit_plugin import restore
from audit_plugin.models import Entry
from audit_plugin.restore import Request, Undo, restored, restoring
from tests.conftest import Log, log_since_now
from tests.restore.conftest import last
from tests.testapp.models import Book, Tag

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def elsewhere() -> Iterator[psycopg.Connection[Any]]:
    """A second connection that shares nothing with Django's."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        yield other


def in_thread(work: Callable[[], Any]) -> Future[Any]:
    """Run something with Django connections of its own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return ThreadPoolExecutor(1).submit(run)


def wait_for_a_lock() -> None:
    """Wait until some connection waits for a lock."""
    deadline = time.monotonic() + 10
    with elsewhere() as other:
        other.autocommit = True
        while time.monotonic() < deadline:
            found = other.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if found:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.fixture
def entries(transactional_db: None) -> Log:
    """What this test wrote: the log is append-only, so it keeps what earlier tests committed."""
    return log_since_now()


@pytest.fixture
def changed(transactional_db: None) -> Undo:
    Book.objects.create(title="1", isbn="a")
    Book.objects.update(title="2")
    return Undo(last(model="testapp.book"))


@contextmanager
def receiver(signal: Any, receive: Callable[..., Any]) -> Iterator[None]:
    signal.connect(receive)
    try:
        yield
    finally:
        signal.disconnect(receive)


def test_a_writer_that_is_faster_makes_the_preview_stale(changed: Undo) -> None:
    plan = restore.plan(changed)
    with elsewhere() as other:
        other.execute("UPDATE testapp_book SET title = 'theirs'")
        running = in_thread(lambda: restore.apply(plan))
        wait_for_a_lock()
        other.commit()
        with pytest.raises(restore.RestoreError) as caught:
            running.result(10)
    assert caught.value.code == "stale"
    assert Book.objects.get().title == "theirs"


def test_a_writer_that_is_slower_writes_after_the_restore(changed: Undo) -> None:
    with elsewhere() as other:

        def write() -> None:
            other.execute("UPDATE testapp_book SET title = title || ', theirs'")
            other.commit()

        started: list[Future[None]] = []

        def start(dry_run: bool, **rest: Any) -> None:
            started.append(ThreadPoolExecutor(1).submit(write))
            wait_for_a_lock()

        with receiver(restored, start):
            restore.apply(changed)
        started[0].result(10)
    assert Book.objects.get().title == "1, theirs"


def test_a_change_of_another_field_in_the_meantime_is_kept(changed: Undo) -> None:
    with elsewhere() as other:
        other.execute("UPDATE testapp_book SET isbn = 'theirs'")
        running = in_thread(lambda: restore.apply(changed))
        wait_for_a_lock()
        other.commit()
        running.result(10)
    book = Book.objects.get()
    assert (book.title, book.isbn) == ("1", "theirs")


def test_a_lock_that_is_not_released_is_reported(changed: Undo, settings: Any) -> None:
    settings.AUDIT_RESTORE_LOCK_TIMEOUT = 1
    with elsewhere() as other:
        other.execute("UPDATE testapp_book SET isbn = 'theirs'")
        with pytest.raises(restore.RestoreError) as caught:
            restore.plan(changed)
        other.rollback()
    assert caught.value.code == "locked"
    assert restore.plan(changed).is_clean


def test_a_lost_deadlock_is_tried_again(changed: Undo, entries: Log) -> None:
    Tag.objects.create(name="theirs")
    attempts: list[bool] = []
    with elsewhere() as other:
        other.execute("SET deadlock_timeout = '10s'")
        other.execute("UPDATE testapp_tag SET name = 'held'")
        crossing: list[Future[None]] = []

        def cross(dry_run: bool, **rest: Any) -> None:
            """Hold the book, then want the tag, which the other holds while it wants the book."""
            attempts.append(dry_run)
            if len(attempts) > 1:
                return

            def write() -> None:
                other.execute("UPDATE testapp_book SET isbn = 'theirs'")
                other.commit()

            crossing.append(ThreadPoolExecutor(1).submit(write))
            wait_for_a_lock()
            with connection.cursor() as cursor:
                cursor.execute("UPDATE testapp_tag SET name = 'ours'")

        with receiver(restored, cross):
            restore.apply(changed)
        crossing[0].result(10)
    book = Book.objects.get()
    assert attempts == [False, False]
    assert (book.title, book.isbn, Tag.objects.get().name) == ("1", "theirs", "held")
    assert len(entries(action="restore", model="testapp.book")) == 1


def test_a_deadlock_inside_the_hosts_transaction_is_reported(changed: Undo) -> None:
    Tag.objects.create(name="theirs")
    with elsewhere() as other:
        other.execute("SET deadlock_timeout = '10s'")
        other.execute("UPDATE testapp_tag SET name = 'held'")
        crossing: list[Future[None]] = []

        def cross(**rest: Any) -> None:
            def write() -> None:
                other.execute("UPDATE testapp_book SET isbn = 'theirs'")
                other.commit()

            crossing.append(ThreadPoolExecutor(1).submit(write))
            wait_for_a_lock()
            with connection.cursor() as cursor:
                cursor.execute("UPDATE testapp_tag SET name = 'ours'")

        with (
            receiver(restored, cross),
            pytest.raises(restore.RestoreError) as caught,
            transaction.atomic(),
        ):
            restore.apply(changed)
        crossing[0].result(10)
    assert caught.value.code == "locked"
    assert Book.objects.get().title == "2"


def test_restores_of_the_same_request_never_block_each_other_for_good(entries: Log) -> None:
    Book.objects.bulk_create([Book(title=str(number)) for number in range(200)])
    key = str(uuid4())
    with audit_plugin.context(actor="x", request_id=key):
        Book.objects.update(title="same")
    barrier = threading.Barrier(4)

    def run() -> str:
        barrier.wait()
        try:
            restore.apply(Request(key))
        except restore.RestoreError as error:
            return str(error.code)
        return "done"

    outcomes = sorted(future.result(60) for future in [in_thread(run) for _ in range(4)])
    assert outcomes == ["done", "nothing", "nothing", "nothing"]
    assert not Book.objects.filter(title="same").exists()
    assert len(entries(action="restore")) == 200


def test_writers_and_restores_at_the_same_time_lose_nothing(transactional_db: None) -> None:
    """Each change that was committed is there in the end, or an entry says what took it back."""
    book = Book.objects.create(title="0", isbn="0")
    stop = threading.Event()

    def write() -> int:
        count = 0
        while not stop.is_set():
            with connection.cursor() as cursor:
                cursor.execute("UPDATE testapp_book SET isbn = (isbn::int + 1)::text")
            count += 1
        return count

    def put_back() -> int:
        done = 0
        for number in range(15):
            Book.objects.update(title=f"draft {number}")
            source = last(model="testapp.book", changes__has_key="title", action="update")
            restore.apply(Undo(source))
            done += 1
        return done

    writer, restorer = in_thread(write), in_thread(put_back)
    assert restorer.result(60) == 15
    stop.set()
    written = writer.result(60)
    book.refresh_from_db()
    assert (book.title, int(book.isbn)) == ("0", written)
    assert written > 0


@pytest.mark.parametrize("signal", [restoring, restored], ids=["at the start", "in the middle"])
def test_a_crash_leaves_nothing_behind(transactional_db: None, signal: Any) -> None:
    Book.objects.bulk_create([Book(title=str(number)) for number in range(20)])
    Tag.objects.create(name="a")
    key = str(uuid4())
    with audit_plugin.context(actor="x", request_id=key):
        Book.objects.update(title="same")
        Tag.objects.all().delete()
    written = Entry.objects.count()

    def crash(**rest: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with elsewhere() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    def run() -> None:
        with receiver(signal, crash):
            restore.apply(Request(key))

    with pytest.raises((OperationalError, InterfaceError, DatabaseError)):
        in_thread(run).result(60)
    assert Book.objects.filter(title="same").count() == 20
    assert not Tag.objects.exists()
    assert Entry.objects.count() == written
    # And the next one works.
    restore.apply(Request(key))
    assert Tag.objects.exists() and not Book.objects.filter(title="same").exists()
