"""Fields and models that were added, dropped, renamed, narrowed or erased since."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from audit_plugin import restore
from audit_plugin.restore import Deleted, Undo
from tests.restore.conftest import becomes, codes, last, make_entry, notes, row
from tests.testapp.models import Author, Book, Parcel, Tag, Ticket

pytestmark = pytest.mark.django_db


def test_a_field_dropped_since_is_named_and_left_out(db: None) -> None:
    tag = Tag.objects.create(name="new")
    entry = make_entry("testapp.tag", str(tag.pk), "U", '{"name": ["old", "new"], "colour": ["red", "blue"]}')
    plan = restore.plan(Undo(entry))
    assert plan.is_clean and notes(plan) == {"colour": "schema_changed"} and becomes(plan) == {"name": "old"}
    restore.apply(plan)
    assert Tag.objects.get().name == "old"


def test_a_field_added_since_gets_its_default(db: None) -> None:
    entry = make_entry("testapp.parcel", "7", "D", '{"id": 7, "width": 2, "height": 3}')
    plan = restore.plan(Undo(entry))
    assert notes(plan) == {"registered": "default", "state": "default"}
    restore.apply(plan)
    parcel = Parcel.objects.get(pk=7)
    assert (parcel.area, parcel.state) == (6, "new") and parcel.registered is not None


def test_a_required_field_without_a_default_is_a_conflict(db: None) -> None:
    entry = make_entry("testapp.parcel", "7", "D", '{"id": 7, "width": 2}')
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.field) == ("not_null", "height")
    assert "neither" in str(conflict.message)


def test_a_renamed_field_is_found_by_the_setting(db: None, settings: Any) -> None:
    settings.AUDIT_RENAMED_FIELDS = {"testapp.tag.label": "title", "testapp.tag.title": "name"}
    tag = Tag.objects.create(name="c")
    entries = [
        make_entry("testapp.tag", str(tag.pk), "U", '{"label": ["a", "b"]}'),
        make_entry("testapp.tag", str(tag.pk), "U", '{"name": ["b", "c"]}'),
    ]
    plan = restore.plan(restore.Entries(entries))
    assert plan.is_clean and becomes(plan) == {"name": "a"}
    restore.apply(plan)
    assert Tag.objects.get().name == "a"


def test_a_renamed_model_is_found_by_the_setting(db: None, settings: Any) -> None:
    settings.AUDIT_RENAMED_MODELS = {"old.label": "testapp.tag"}
    tag = Tag.objects.create(name="b")
    entry = make_entry("old.label", str(tag.pk), "U", '{"name": ["a", "b"]}')
    restore.apply(Undo(entry))
    assert Tag.objects.get().name == "a"
    assert last(action="restore").model == "testapp.tag"


def test_renamed_links_are_found_by_the_setting(db: None, settings: Any) -> None:
    settings.AUDIT_RENAMED_FIELDS = {"testapp.book.labels": "tags"}
    book, tag = Book.objects.create(title="a"), Tag.objects.create(name="a")
    entry = make_entry(
        "testapp.book", str(book.pk), "M", f'{{"labels": {{"added": [], "removed": [{tag.pk}]}}}}'
    )
    restore.apply(Undo(entry))
    assert list(book.tags.all()) == [tag]


def test_links_of_a_field_dropped_since_are_named(db: None) -> None:
    book = Book.objects.create(title="a")
    entry = make_entry("testapp.book", str(book.pk), "M", '{"labels": {"added": [], "removed": [1]}}')
    plan = restore.plan(Undo(entry))
    assert plan.is_empty and notes(plan) == {"labels": "schema_changed"}


def test_a_model_that_is_gone_is_a_conflict(db: None) -> None:
    entry = make_entry("testapp.removed", "1", "U", '{"name": ["a", "b"]}')
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.model) == ("schema_changed", "testapp.removed")


def test_a_key_of_another_type_is_a_conflict(db: None) -> None:
    Ticket.objects.create()
    entry = make_entry("testapp.ticket", "17", "U", '{"title": ["a", "b"]}')
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert conflict.code == "schema_changed" and "key" in str(conflict.message)


def test_a_value_that_no_longer_fits_is_a_conflict_that_names_the_field(db: None) -> None:
    tag = Tag.objects.create(name="b")
    long = "x" * 60
    entry = make_entry("testapp.tag", str(tag.pk), "U", f'{{"name": ["{long}", "b"]}}')
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.field) == ("schema_changed", "name")
    book = Book.objects.create(title="a", price=1)
    entry = make_entry("testapp.book", str(book.pk), "U", '{"price": ["cheap", 1.00], "title": ["b", "a"]}')
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.field) == ("schema_changed", "price")


def test_a_value_that_the_column_rounds_is_named(db: None) -> None:
    book = Book.objects.create(title="a", price=1)
    entry = make_entry("testapp.book", str(book.pk), "U", '{"price": [1.239, 1.00]}')
    plan = restore.plan(Undo(entry))
    assert notes(plan) == {"price": "adjusted"}


def test_a_value_that_a_trigger_changes_is_named(db: None) -> None:
    tag = Tag.objects.create(name="a")
    Tag.objects.update(name="b")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN NEW.name := upper(NEW.name); RETURN NEW; END$$"
        )
        cursor.execute(
            "CREATE TRIGGER shout BEFORE UPDATE ON testapp_tag FOR EACH ROW EXECUTE FUNCTION shout()"
        )
    plan = restore.plan(Undo(last(tag)))
    assert notes(plan) == {"name": "adjusted"}


def test_erased_values_stay_erased(db: None) -> None:
    book = Book.objects.create(title="b", isbn="2")
    entry = make_entry(
        "testapp.book",
        str(book.pk),
        "U",
        '{"title": ["erased", "b"], "isbn": ["1", "2"]}',
        details='{"erased": {"title": "2026-05-03"}}',
    )
    plan = restore.plan(Undo(entry))
    [note] = plan.notes
    assert (note.code, note.field) == ("erased", "title") and "2026-05-03" in str(note.message)
    assert becomes(plan) == {"isbn": "1"}
    restore.apply(plan)
    book.refresh_from_db()
    assert (book.title, book.isbn) == ("b", "1")


def test_a_deleted_record_with_erased_values_gets_defaults_for_them(db: None) -> None:
    book = Book.objects.create(title="b", isbn="2")
    columns = (
        '{"id": 99, "title": "t", "isbn": "erased", "price": 1, "data": {}, "cover": "", '
        '"created": "2026-01-01T00:00:00+00:00"}'
    )
    entry = make_entry("testapp.book", "99", "D", columns, details='{"erased": {"isbn": "2026-05-03"}}')
    plan = restore.plan(Undo(entry))
    assert notes(plan)["isbn"] == "erased" and codes(plan) == []
    restore.apply(plan)
    assert Book.objects.get(pk=99).isbn == ""
    assert row(book) is not None


def test_a_column_that_django_does_not_know_comes_back_too(db: None) -> None:
    from audit_plugin.capture.install import install

    with connection.cursor() as cursor:
        cursor.execute("""ALTER TABLE testapp_tag ADD COLUMN "50% off's" integer DEFAULT 5""")
    install("default")
    tag = Tag.objects.create(name="a")
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE testapp_tag SET "50%% off's" = %s""", [7])
    before, key = row(tag), tag.pk
    Tag.objects.all().delete()
    restore.apply(Deleted(Tag, str(key)))
    assert row(Tag.objects.get(pk=key)) == before


def test_a_reference_without_a_constraint_may_lead_nowhere(db: None) -> None:
    author = Author.objects.create(name="Frank")
    book = Book.objects.create(title="a", author=author)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'testapp_book'::regclass AND contype = 'f'"
        )
        cursor.execute(f'ALTER TABLE testapp_book DROP CONSTRAINT "{cursor.fetchone()[0]}"')
    Book.objects.update(author=None)
    entry, key = last(book), author.pk
    author.delete()
    plan = restore.plan(Undo(entry))
    assert plan.is_clean and notes(plan) == {"author": "dangling"}
    restore.apply(plan)
    book.refresh_from_db()
    assert book.author_id == key
