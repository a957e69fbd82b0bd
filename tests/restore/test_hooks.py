"""Hooks around a restore, and what a restore leaves of the transaction around it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from audit_plugin import restore
from audit_plugin.models import Entry
from audit_plugin.restore import Undo, restored, restores_of, restoring, source_of
from tests.restore.conftest import last, ours, undo
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Any:
    """What both hooks were told."""
    calls: list[tuple[str, bool, Any]] = []

    def before(sender: Any, ask: Any, dry_run: bool, **rest: Any) -> None:
        assert set(rest) == {"signal", "user", "using"}
        calls.append(("restoring", dry_run, ask))

    def after(sender: Any, plan: Any, dry_run: bool, **rest: Any) -> None:
        assert set(rest) == {"signal", "user", "using"}
        calls.append(("restored", dry_run, plan.step_count))

    restoring.connect(before)
    restored.connect(after)
    yield calls
    restoring.disconnect(before)
    restored.disconnect(after)


def test_hooks_hear_of_the_preview_and_of_the_restore(db: None, heard: list[Any]) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    ask = Undo(last(book))
    restore.apply(restore.plan(ask))
    assert heard == [
        ("restoring", True, ask),
        ("restored", True, 1),
        ("restoring", False, ask),
        ("restored", False, 1),
    ]


def test_what_a_hook_writes_is_part_of_the_restore_and_a_preview_leaves_nothing(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    sent: list[bool] = []

    def after(sender: Any, dry_run: bool, **rest: Any) -> None:
        Tag.objects.create(name=f"restored {dry_run}")
        transaction.on_commit(lambda: sent.append(dry_run))

    restored.connect(after)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            plan = restore.plan(Undo(last(book)))
            assert not Tag.objects.exists()
            restore.apply(plan)
    finally:
        restored.disconnect(after)
    assert sent == [False]
    assert Tag.objects.get().name == "restored False"


def test_the_transaction_around_it_keeps_its_settings(db: None) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    names = ["lock_timeout", "TimeZone", "IntervalStyle", "bytea_output"]
    with connection.cursor() as cursor:

        def read() -> list[str]:
            cursor.execute(f"SELECT {', '.join(['current_setting(%s)'] * len(names))}", names)
            return list(cursor.fetchone())

        cursor.execute("SET LOCAL lock_timeout = '17s'")
        before = read()
        restore.apply(restore.plan(Undo(last(book))))
        assert read() == before


@pytest.mark.parametrize("run", [restore.plan, restore.apply])
def test_constraints_of_the_transaction_around_it_stay_deferred(db: None, run: Any) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    run(Undo(last(book)))
    author = Author.objects.create(name="Ann")
    Author.objects.filter(pk=author.pk)._raw_delete("default")
    Book.objects.update(author_id=author.pk)  # would be refused here if constraints were immediate
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Book.objects.update(author=None)


def test_a_restore_inside_a_transaction_that_is_rolled_back_leaves_nothing(db: None) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    with transaction.atomic():
        undo(last(book))
        transaction.set_rollback(True)
    assert Book.objects.get().title == "2"
    assert not ours(action="restore").exists()


def test_source_and_restore_find_each_other(db: None) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    source = last(book)
    assert restores_of(source) == [] and source_of(source) is None
    first = Entry.objects.get(pk=undo(source).entries[0])
    Book.objects.update(title="2")
    second = Entry.objects.get(pk=undo(source).entries[0])
    assert source_of(first) == source_of(second) == source
    assert restores_of(source) == [second, first]


def test_a_source_that_left_the_log_is_none(db: None) -> None:
    book = Book.objects.create(title="1")
    Book.objects.update(title="2")
    entry = Entry.objects.get(pk=undo(last(book)).entries[0])
    entry.restored_from = "01000000-0000-7000-8000-000000000000"
    assert source_of(entry) is None


def test_two_restores_of_one_record_in_a_row(db: None) -> None:
    book = Book.objects.create(title="0")
    for number in (1, 2):
        Book.objects.update(title=str(number))
    undo(last(book))
    undo(ours(operation="U", action="update").order_by("seq")[0])
    assert Book.objects.get().title == "0"
