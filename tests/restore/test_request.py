"""Undoing a request, a task, or a selection of entries: one unit, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection, transaction

import audit_plugin
from audit_plugin import restore
from audit_plugin.models import Context
from audit_plugin.restore import Entries, Request, source_of
from tests.restore.conftest import Refused, codes, last, ours
from tests.testapp.models import Author, Book, Category, Reading, Restaurant, Tag

pytestmark = pytest.mark.django_db


@contextmanager
def request() -> Iterator[str]:
    """Write as one request."""
    key = str(uuid4())
    with audit_plugin.context(actor="somebody", request_id=key, name=key):
        yield key


def snapshot() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the tables that the tests write to."""
    models = [Author, Book, Book.tags.through, Reading, Tag, Category, Category.related.through, Restaurant]
    with connection.cursor() as cursor:
        found = {}
        for model in models:
            # The rows of links have keys of their own, which nobody refers to.
            columns = [field.column for field in model._meta.local_fields]
            if model._meta.auto_created:
                columns.remove("id")
            names = ", ".join(f'"{column}"::text' for column in columns)
            cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}" ORDER BY {names}')
            found[model._meta.label] = cursor.fetchall()
    return found


def test_everything_that_a_request_did_is_undone(db: None) -> None:
    kept = Author.objects.create(name="Kept")
    gone = Author.objects.create(name="Gone")
    old = Book.objects.create(title="Old", author=gone)
    old.tags.add(Tag.objects.create(name="a"))
    Reading.objects.create(book=old, reader=kept, stars=3)
    Restaurant.objects.create(name="Noma", stars=3)
    before = snapshot()
    with request() as key:
        new = Book.objects.create(title="New", author=kept)
        new.tags.set([Tag.objects.create(name="b"), Tag.objects.get(name="a")])
        new.title = "Newer"
        new.save()
        Author.objects.filter(pk=kept.pk).update(name="Renamed")
        gone.delete()
        Restaurant.objects.all().delete()
        tree = Category.objects.create(name="root")
        tree.related.add(Category.objects.create(name="leaf", parent=tree))
    plan = restore.plan(Request(key))
    assert plan.is_clean, [str(conflict.message) for conflict in plan.conflicts]
    restore.apply(plan)
    assert snapshot() == before


def test_a_restore_of_a_request_can_be_undone_as_a_request(db: None) -> None:
    Book.objects.create(title="One")
    with request() as key:
        Book.objects.update(title="Two")
        Tag.objects.create(name="a")
    after = snapshot()
    with request() as again:
        restore.apply(Request(key))
    restore.apply(Request(again))
    assert snapshot() == after


def test_by_any_of_its_contexts(db: None) -> None:
    book = Book.objects.create(title="One")
    with request() as key:
        Book.objects.update(title="Two")
        with audit_plugin.context(actor="somebody else"):
            Book.objects.update(isbn="2")
    contexts = Context.objects.filter(request_id=key)
    assert len(contexts) == 2
    restore.apply(Request(str(contexts[0].pk)))
    book.refresh_from_db()
    assert (book.title, book.isbn) == ("One", "")


def test_several_changes_of_one_record_become_one(db: None) -> None:
    book = Book.objects.create(title="0")
    with request() as key:
        for number in range(1, 5):
            Book.objects.update(title=str(number))
    plan = restore.plan(Request(key))
    [step] = plan.steps
    assert (step.fields[0].now, step.fields[0].becomes) == ("4", "0")
    assert step.source == last(book).pk
    restore.apply(plan)
    assert ours(action="restore").count() == 1


def test_what_was_created_and_deleted_again_is_nothing(db: None, refused: Refused) -> None:
    with request() as key:
        Tag.objects.create(name="a").delete()
    assert refused(Request(key)).code == "nothing"


def test_what_was_deleted_and_created_again_goes_back(db: None) -> None:
    tag = Tag.objects.create(name="a")
    key = tag.pk
    with request() as name:
        Tag.objects.filter(pk=key).delete()
        Tag.objects.create(pk=key, name="b")
    restore.apply(Request(name))
    assert Tag.objects.get(pk=key).name == "a"


def test_a_change_by_another_request_in_between_is_a_conflict(db: None) -> None:
    book = Book.objects.create(title="0")
    with request() as key:
        Book.objects.update(title="1")
    with request():
        Book.objects.update(title="2")
    with audit_plugin.context(actor="somebody", request_id=key, name=key):
        Book.objects.update(title="3")
    [conflict] = restore.plan(Request(key)).conflicts
    assert (conflict.code, conflict.field) == ("changed_since", "title")
    restore.apply(Request(key), resolutions={"changed_since": "overwrite"})
    book.refresh_from_db()
    assert book.title == "0"


def test_the_clean_part_of_a_request(db: None) -> None:
    books = [Book.objects.create(title=str(number)) for number in range(3)]
    with request() as key:
        Book.objects.update(title="same")
    Book.objects.filter(pk=books[1].pk).update(title="later")
    plan = restore.plan(Request(key))
    assert (plan.conflict_count, plan.clean_count, plan.step_count) == (1, 2, 3)
    restore.apply(plan, partial=True)
    assert list(Book.objects.order_by("pk").values_list("title", flat=True)) == ["0", "later", "2"]


def test_values_that_swapped_places_swap_back(db: None) -> None:
    one, two = Tag.objects.create(name="one"), Tag.objects.create(name="two")
    with request() as key, transaction.atomic():
        Tag.objects.filter(pk=one.pk).update(name="aside")
        Tag.objects.filter(pk=two.pk).update(name="one")
        Tag.objects.filter(pk=one.pk).update(name="two")
    restore.apply(Request(key))
    assert (Tag.objects.get(name="one"), Tag.objects.get(name="two")) == (one, two)


def test_a_value_that_moved_on_moves_back(db: None) -> None:
    one = Tag.objects.create(name="a")
    with request() as key:
        Tag.objects.filter(pk=one.pk).update(name="b")
        Tag.objects.create(name="a")
    restore.apply(Request(key))
    assert list(Tag.objects.values_list("pk", "name")) == [(one.pk, "a")]


def test_a_record_whose_key_moved(db: None) -> None:
    from tests.testapp.models import Country

    country = Country.objects.create(code="AA", name="First")
    with request() as key:
        Country.objects.update(name="Second")
        Country.objects.update(code="BB")
        Country.objects.update(name="Third")
    restore.apply(Request(key))
    assert list(Country.objects.values_list("code", "name")) == [(country.code, "First")]


def test_a_selection_of_entries_is_one_unit(db: None, refused: Refused) -> None:
    book = Book.objects.create(title="0", isbn="0")
    chosen = []
    for number in range(1, 4):
        Book.objects.update(title=str(number), isbn=str(number))
        chosen.append(last(book))
    restore.apply(Entries(chosen[1:]))
    book.refresh_from_db()
    assert (book.title, book.isbn) == ("1", "1")


def test_a_gap_in_a_selection_is_a_conflict(db: None) -> None:
    book = Book.objects.create(title="0")
    chosen = []
    for number in range(1, 4):
        Book.objects.update(title=str(number))
        chosen.append(last(book))
    [conflict] = restore.plan(Entries([chosen[0], chosen[2]])).conflicts
    assert (conflict.code, conflict.entry) == ("changed_since", chosen[1].pk)


def test_a_selection_brings_deletions_back_whole(db: None) -> None:
    book = Book.objects.create(title="Dune")
    book.tags.add(Tag.objects.create(name="a"))
    key = book.pk
    book.delete()
    restore.apply(Entries([last(model="testapp.book", operation="D")]))
    assert Book.objects.get(pk=key).tags.count() == 1


def test_many_records_share_a_statement_and_each_finds_its_source(db: None) -> None:
    Book.objects.bulk_create([Book(title=str(number)) for number in range(150)])
    with request() as key:
        Book.objects.update(title="same")
    restore.apply(Request(key))
    assert Book.objects.filter(title="same").count() == 0
    restored = list(ours(action="restore"))
    assert len(restored) == 150 and len({entry.restored_from for entry in restored}) == 1
    entry = restored[70]
    source = source_of(entry)
    assert source is not None and source.object_id == entry.object_id
    assert [one.pk for one in restore.restores_of(source)] == [entry.pk]


def test_unknown_requests_and_entries_are_not_found(db: None, refused: Refused) -> None:
    assert refused(Request("nothing")).code == "not_found"
    assert refused(Request(str(uuid4()))).code == "not_found"
    assert refused(Entries([uuid4()])).code == "not_found"
    assert refused(Entries([])).code == "nothing"
    with pytest.raises(restore.RestoreError):
        Entries(["no id"])


def test_conflicts_of_many_records_can_be_resolved_by_code(db: None) -> None:
    Book.objects.bulk_create([Book(title=str(number)) for number in range(5)])
    with request() as key:
        Book.objects.update(title="same")
    Book.objects.update(title="later")
    plan = restore.plan(Request(key))
    assert codes(plan) == ["changed_since"] * 5
    restore.apply(Request(key), resolutions={"changed_since": "overwrite"})
    assert set(Book.objects.values_list("title", flat=True)) == set("01234")
