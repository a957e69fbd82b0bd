"""Bringing deleted records back: same key, same values, their links, and by choice what went with them."""

from __future__ import annotations

import pytest
from django.db import connection

from audit_plugin import restore
from audit_plugin.restore import Choice, Deleted
from tests.restore.conftest import Refused, codes, last, notes, ours, row, undo
from tests.testapp.models import Author, Book, Category, OrderLine, Place, Reading, Restaurant, Tag, Ticket

pytestmark = pytest.mark.django_db


def test_a_record_comes_back_with_its_key_and_every_value(db: None) -> None:
    book = Book.objects.create(title="Dune", isbn="1", price="9.90", data={"a": [1, None, {"b": 0.1}]})
    before, key = row(book), book.pk
    book.delete()
    undo(last(model="testapp.book", operation="D"))
    assert row(Book.objects.get(pk=key)) == before
    # The sequence is where it was: the next key is a new one.
    assert Book.objects.create(title="next").pk > key


def test_by_its_key_from_the_newest_deletion(db: None) -> None:
    tag = Tag.objects.create(name="a")
    key = tag.pk
    tag.delete()
    Tag.objects.create(pk=key, name="b").delete()
    restore.apply(Deleted(Tag, str(key)))
    assert Tag.objects.get(pk=key).name == "b"


def test_what_was_never_deleted_is_not_found(db: None, refused: Refused) -> None:
    tag = Tag.objects.create(name="a")
    assert refused(Deleted("testapp.tag", str(tag.pk))).code == "not_found"


def test_the_record_is_as_it_was_right_before_its_deletion(db: None) -> None:
    book = Book.objects.create(title="One")
    Book.objects.update(title="Two")
    key = book.pk
    book.delete()
    restore.apply(Deleted(Book, str(key)))
    assert Book.objects.get(pk=key).title == "Two"


def test_links_come_back_with_the_record_that_has_them(db: None) -> None:
    book = Book.objects.create(title="Dune")
    book.tags.set([Tag.objects.create(name=name) for name in "abc"])
    book.tags.remove(Tag.objects.get(name="c"))
    key = book.pk
    book.delete()
    restore.apply(Deleted(Book, str(key)))
    assert set(Book.objects.get(pk=key).tags.values_list("name", flat=True)) == {"a", "b"}


def test_links_come_back_with_the_record_they_point_to_and_no_others(db: None) -> None:
    one, two = Tag.objects.create(name="one"), Tag.objects.create(name="two")
    book = Book.objects.create(title="Dune")
    book.tags.set([one, two])
    key = one.pk
    Tag.objects.all().delete()
    restore.apply(Deleted(Tag, str(key)))
    assert list(book.tags.values_list("name", flat=True)) == ["one"]


def test_link_records_come_back_with_either_end(db: None) -> None:
    book, reader = Book.objects.create(title="Dune"), Author.objects.create(name="Ann")
    reading = Reading.objects.create(book=book, reader=reader, stars=5)
    before, key = row(reading), reader.pk
    reader.delete()
    restore.apply(Deleted(Author, str(key)))
    assert row(reading) == before


def test_what_was_cascaded_away_stays_away_unless_asked_for(db: None) -> None:
    author = Author.objects.create(name="Frank")
    books = [Book.objects.create(title=title, author=author) for title in ("Dune", "Dune Messiah")]
    books[0].tags.add(Tag.objects.create(name="a"))
    before = [row(book) for book in books]
    key = author.pk
    author.delete()
    plan = restore.plan(Deleted(Author, str(key)))
    assert [step.model for step in plan.steps] == ["testapp.author"]
    plan = restore.plan(Deleted(Author, str(key), with_related=True))
    assert sorted(step.model for step in plan.steps) == ["testapp.author", *["testapp.book"] * 3]
    restore.apply(plan)
    assert [row(book) for book in books] == before
    assert books[0].tags.count() == 1


def test_a_tree_comes_back_from_its_root(db: None) -> None:
    root = Category.objects.create(name="root")
    child = Category.objects.create(name="child", parent=root)
    leaf = Category.objects.create(name="leaf", parent=child)
    root.related.add(leaf)
    before = [row(one) for one in (root, child, leaf)]
    key = root.pk
    Category.objects.filter(pk=key).delete()
    assert not Category.objects.exists()
    restore.apply(Deleted(Category, str(key), with_related=True))
    assert [row(one) for one in (root, child, leaf)] == before
    assert list(leaf.related.all()) == [root]


def test_references_that_were_emptied_are_filled_again(db: None) -> None:
    from sample_project.places.models import City, Country, Venue
    from sample_project.studio.models import PhotoSession
    from tests.restore.factories import session

    country = Country.objects.create(code="XX", name="Nowhere", continent="EU")
    city = City.objects.create(
        geoname_id=1, name="A", country=country, latitude=1, longitude=1, time_zone="Europe/Berlin"
    )
    venue = Venue.objects.create(name="Hall", slug="hall", city=city, street="1")
    photos = session(venue=venue)
    before, key = row(photos), venue.pk
    venue.delete()
    assert PhotoSession.objects.get().venue is None
    restore.apply(Deleted(Venue, str(key), with_related=True))
    assert row(photos) == before


def test_children_removed_by_the_database_come_back_too(db: None) -> None:
    author = Author.objects.create(name="Frank")
    book = Book.objects.create(title="Dune", author=author)
    before, key = row(book), author.pk
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'testapp_book'::regclass AND contype = 'f'"
        )
        name = cursor.fetchone()[0]
        cursor.execute(
            f"ALTER TABLE testapp_book DROP CONSTRAINT {name}, ADD CONSTRAINT {name} "
            "FOREIGN KEY (author_id) REFERENCES testapp_author (id) ON DELETE CASCADE"
        )
        cursor.execute("DELETE FROM testapp_author WHERE id = %s", [key])
    assert not Book.objects.exists()
    restore.apply(Deleted(Author, str(key), with_related=True))
    assert row(book) == before


def test_all_tables_of_a_record_come_back(db: None) -> None:
    restaurant = Restaurant.objects.create(name="Noma", stars=3)
    before, key = (row(restaurant), row(restaurant.place_ptr)), restaurant.pk
    restaurant.delete()
    # From the entry of either table.
    for label in ("testapp.restaurant", "testapp.place"):
        plan = restore.plan(Deleted(label, str(key)))
        assert sorted(step.model for step in plan.steps) == ["testapp.place", "testapp.restaurant"]
    restore.apply(plan)
    restaurant = Restaurant.objects.get(pk=key)
    assert (row(restaurant), row(Place.objects.get(pk=key))) == before


def test_a_child_deleted_alone_comes_back_alone(db: None) -> None:
    restaurant = Restaurant.objects.create(name="Noma", stars=3)
    key = restaurant.pk
    restaurant.delete(keep_parents=True)
    plan = restore.plan(Deleted(Restaurant, str(key)))
    assert [step.model for step in plan.steps] == ["testapp.restaurant"]
    restore.apply(plan)
    assert Restaurant.objects.get(pk=key).stars == 3


def test_keys_of_every_kind(db: None) -> None:
    ticket = Ticket.objects.create(title="A")
    line = OrderLine.objects.create(order='A"1', position=2, quantity=3)
    before = row(ticket), row(line)
    keys = [("testapp.ticket", str(ticket.pk)), ("testapp.orderline", '["A\\"1", 2]')]
    for record in (ticket, line):
        record.__class__.objects.filter(pk=record.pk).delete()
    for model, key in keys:
        restore.apply(Deleted(model, key))
    assert (row(ticket), row(line)) == before


def test_a_key_that_is_taken_again_is_a_conflict(db: None, refused: Refused) -> None:
    tag = Tag.objects.create(name="old")
    key = tag.pk
    tag.delete()
    Tag.objects.create(pk=key, name="new")
    plan = restore.plan(Deleted(Tag, str(key)))
    assert codes(plan) == ["key_exists"] and plan.conflicts[0].choices == (Choice.OVERWRITE, Choice.KEEP)
    assert refused(Deleted(Tag, str(key))).code == "conflicts"
    restore.apply(Deleted(Tag, str(key)), resolutions={"key_exists": "overwrite"})
    assert Tag.objects.get(pk=key).name == "old"
    assert last(model="testapp.tag").operation == "U"


def test_secrets_get_their_default_and_the_plan_says_so(db: None) -> None:
    from sample_project.people.models import WalletPass
    from tests.restore.factories import person

    wallet = WalletPass.objects.create(person=person())
    secret, key = wallet.signing_key, wallet.pk
    wallet.delete()
    plan = restore.plan(Deleted(WalletPass, str(key)))
    assert notes(plan)["signing_key"] == "secret"
    restore.apply(plan)
    drawn = WalletPass.objects.get(pk=key).signing_key
    assert drawn and drawn != secret


def test_a_restored_deletion_can_be_undone(db: None) -> None:
    book = Book.objects.create(title="Dune")
    book.tags.add(Tag.objects.create(name="a"))
    key = book.pk
    book.delete()
    restore.apply(Deleted(Book, str(key)))
    undo(ours(model="testapp.book", operation="I", action="restore").get())
    assert not Book.objects.exists() and not Book.tags.through.objects.exists()


def test_truncated_rows_come_back(db: None) -> None:
    tickets = [Ticket.objects.create(title=str(number)) for number in range(3)]
    before = [row(ticket) for ticket in tickets]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE testapp_ticket")
    undo(last(model="testapp.ticket", operation="T"))
    assert [row(ticket) for ticket in tickets] == before
