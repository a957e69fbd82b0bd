"""Going back to a version: the record as it was right after or before an entry, or at a time."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from django.utils import timezone

import audit_plugin
from audit_plugin import restore
from audit_plugin.models import Entry
from audit_plugin.restore import AsOf, Undo, Version
from audit_plugin.restore.selection import id_floor
from tests.restore.conftest import Refused, becomes, behind_the_log, codes, last, notes, ours, row
from tests.testapp.models import Author, Book, Country, Place, Reading, Restaurant, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(db: None) -> tuple[Book, list[Entry], list[dict[str, str]]]:
    """A book, an entry for each of its versions, and the row at each."""
    book = Book.objects.create(title="1", isbn="a", price="1.10")
    entries, rows = [last(book)], [row(book)]
    for title, isbn, price in [
        ("2", "a", "1.10"),
        ("2", "b", "1.10"),
        ("3", "b", "2.20"),
        ("1", "c", "2.20"),
    ]:
        Book.objects.filter(pk=book.pk).update(title=title, isbn=isbn, price=price)
        entries.append(last(book))
        rows.append(row(book))
    return book, entries, rows


@pytest.mark.parametrize("version", range(5))
def test_right_after_an_entry(history: tuple, version: int) -> None:
    book, entries, rows = history
    plan = restore.plan(Version(entries[version]))
    if version == 4:
        assert plan.is_empty
        return
    result = restore.apply(plan)
    assert row(book) == rows[version]
    assert Entry.objects.get(pk=result.entries[0]).restored_from == entries[version].pk


@pytest.mark.parametrize("version", range(1, 5))
def test_right_before_an_entry(history: tuple, version: int) -> None:
    book, entries, rows = history
    restore.apply(Version(entries[version], before=True))
    assert row(book) == rows[version - 1]


@pytest.mark.parametrize("version", range(4))
def test_as_of_a_time(history: tuple, version: int) -> None:
    book, entries, rows = history
    result = restore.apply(AsOf(Book, str(book.pk), entries[version].occurred_at))
    assert row(book) == rows[version]
    assert Entry.objects.get(pk=result.entries[0]).restored_from == entries[version].pk


def test_a_version_of_a_deleted_record(history: tuple) -> None:
    book, entries, rows = history
    Book.objects.filter(pk=book.pk).delete()
    restore.apply(Version(entries[2]))
    assert row(book) == rows[2]


def test_links_are_part_of_the_version(db: None) -> None:
    book = Book.objects.create(title="Dune")
    a, b, c = (Tag.objects.create(name=name) for name in "abc")
    book.tags.add(a, b)
    entry = last(book)
    book.tags.remove(a)
    book.tags.add(c)
    Book.objects.update(title="Dune 2")
    restore.apply(Version(entry))
    book.refresh_from_db()
    assert set(book.tags.all()) == {a, b} and book.title == "Dune"


def test_a_save_of_several_tables_is_one_version(db: None) -> None:
    restaurant = Restaurant.objects.create(name="A", stars=1)
    for name, stars in [("B", 2), ("C", 3)]:
        restaurant.name, restaurant.stars = name, stars
        restaurant.save()
    place, own = (
        ours(model=model, operation="U").order_by("seq")[0]
        for model in ("testapp.place", "testapp.restaurant")
    )
    for entry in (place, own):
        restore.apply(Version(entry))
        found = Restaurant.objects.get()
        assert (found.name, found.stars) == ("B", 2)
        restore.apply(Version(entry, before=True))
        found = Restaurant.objects.get()
        assert (found.name, found.stars) == ("A", 1)


def test_a_part_that_came_later_goes(db: None) -> None:
    place = Place.objects.create(name="A")
    entry = last(place)
    with audit_plugin.context(actor="opening"):
        Restaurant(place_ptr=place, stars=2).save_base(raw=True)
    Place.objects.update(name="B")
    restore.apply(Version(entry))
    assert not Restaurant.objects.exists() and Place.objects.get().name == "A"


def test_the_key_may_have_changed_since(db: None) -> None:
    country = Country.objects.create(code="AA", name="First")
    entry = last(country)
    Country.objects.update(code="BB", name="Second")
    Country.objects.update(code="CC")
    restore.apply(Version(entry))
    assert list(Country.objects.values_list("code", "name")) == [("AA", "First")]


def test_undoing_changes_of_the_key_one_by_one(db: None) -> None:
    Country.objects.create(code="AA", name="First")
    Country.objects.update(code="BB")
    first = last(model="testapp.country", object_id="BB")
    Country.objects.update(code="CC")
    restore.apply(Undo(last(model="testapp.country", object_id="CC")))
    restore.apply(Undo(first))
    assert Country.objects.get().code == "AA"


def test_before_the_record_existed(history: tuple, refused: Refused) -> None:
    book, entries, _ = history
    assert refused(Version(entries[0], before=True)).code == "not_yet"
    # The transaction's log goes back further than this record.
    Entry.objects.earliest("id")
    moment = entries[0].occurred_at - dt.timedelta(microseconds=1)
    assert refused(AsOf(Book, str(book.pk), moment)).code == "not_yet"


def test_after_a_deletion_there_was_nothing(db: None, refused: Refused) -> None:
    tag = Tag.objects.create(name="a")
    tag_key = str(tag.pk)
    tag.delete()
    entry = last(model="testapp.tag", operation="D")
    assert refused(Version(entry)).code == "not_yet"
    assert refused(AsOf(Tag, tag_key, timezone.now())).code == "not_yet"


def test_a_time_before_the_log(db: None, refused: Refused) -> None:
    behind_the_log("testapp_tag", "INSERT INTO testapp_tag (name) VALUES ('old')")
    tag = Tag.objects.get()
    Tag.objects.update(name="new")
    begin = Entry.objects.earliest("id").occurred_at
    error = refused(AsOf(Tag, str(tag.pk), begin - dt.timedelta(days=1)))
    assert error.code == "pruned"


def test_a_record_older_than_its_first_entry_is_reconstructed_and_the_plan_says_so(db: None) -> None:
    Tag.objects.create(name="first entry of the log")
    behind_the_log("testapp_tag", "INSERT INTO testapp_tag (name) VALUES ('old')")
    moment = timezone.now()
    tag = Tag.objects.get(name="old")
    Tag.objects.filter(pk=tag.pk).update(name="new")
    plan = restore.plan(AsOf(Tag, str(tag.pk), moment))
    assert "reconstructed" in notes(plan).values() and becomes(plan) == {"name": "old"}
    restore.apply(plan)
    tag.refresh_from_db()
    assert tag.name == "old"


def test_a_change_that_the_log_missed_is_not_overwritten_unasked(history: tuple) -> None:
    _, entries, _ = history
    behind_the_log("testapp_book", "UPDATE testapp_book SET title = 'unseen'")
    plan = restore.plan(Version(entries[1]))
    assert codes(plan) == ["changed_since"] and becomes(plan) == {
        "isbn": "a",
        "price": plan.steps[0].fields[1].becomes,
    }


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        AsOf("testapp.book", "1", dt.datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_first_id_of_a_moment() -> None:
    moment = dt.datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=dt.UTC)
    assert id_floor(moment) == UUID(int=int(moment.timestamp() * 1000) << 80)


def test_an_entry_that_changes_no_record_has_no_version(db: None, refused: Refused) -> None:
    from audit_plugin.events import Event, write_event

    event = write_event(Event("photo.approved", "data"))
    assert refused(Version(event)).code == "nothing"
    assert refused(Undo(event)).code == "nothing"


def test_links_with_a_model_of_their_own_are_no_part_of_the_version(db: None) -> None:
    book, reader = Book.objects.create(title="a"), Author.objects.create(name="Ann")
    entry = last(book)
    Reading.objects.create(book=book, reader=reader)
    Book.objects.update(title="b")
    plan = restore.plan(Version(entry))
    assert notes(plan) == {"readers": "separate"}
    restore.apply(plan)
    assert Reading.objects.count() == 1 and Book.objects.get().title == "a"
