"""Undoing one entry: only what it changed goes back, and the restore is an entry of its own."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

import audit_plugin
from audit_plugin import restore
from audit_plugin.models import Entry
from audit_plugin.restore import Choice, Undo
from tests.conftest import Log
from tests.restore.conftest import Refused, becomes, behind_the_log, codes, last, notes, ours, row, undo
from tests.restore.factories import organisation
from tests.testapp.models import Author, Book, Category, Reading, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(db: None) -> Book:
    """A book whose title was changed."""
    book = Book.objects.create(title="Dune", isbn="1", price="9.90")
    book.title = "Dune Messiah"
    book.save()
    return book


def test_only_the_fields_of_the_entry_go_back(book: Book) -> None:
    changed = last(book)
    Book.objects.filter(pk=book.pk).update(isbn="2")
    undo(changed)
    book.refresh_from_db()
    assert (book.title, book.isbn) == ("Dune", "2")


def test_the_plan_changes_nothing(book: Book, log: Log) -> None:
    before, entries = row(book), len(log())
    plan = restore.plan(Undo(last(book)))
    assert plan.is_clean and becomes(plan) == {"title": "Dune"}
    assert plan.steps[0].fields[0].now == "Dune Messiah"
    assert row(book) == before
    assert len(log()) == entries


def test_the_restore_is_an_entry_that_points_to_its_source(book: Book) -> None:
    source = last(book)
    user = User.objects.create(username="ann", is_superuser=True)
    plan = restore.plan(Undo(source), user=user)
    result = restore.apply(plan, reason="typo")
    entry = Entry.objects.select_related("context").get(pk=result.entries[0])
    assert result.count == 1
    assert (entry.action, entry.operation, entry.restored_from) == ("restore", "U", source.pk)
    assert entry.changes == {"title": ["Dune Messiah", "Dune"]}
    assert (entry.actor_id, entry.context.actor_label) == (str(user.pk), "ann")
    assert entry.context.metadata == {"reason": "typo"}
    assert Entry.objects.get(pk=source.pk).changes == {"title": ["Dune", "Dune Messiah"]}


def test_the_person_of_the_context_around_it_is_kept(book: Book) -> None:
    ann = User.objects.create(username="ann", is_superuser=True)
    with audit_plugin.context(actor=ann, impersonator="support", source="admin"):
        result = restore.apply(Undo(last(book)), user=ann)
    context = Entry.objects.select_related("context").get(pk=result.entries[0]).context
    assert (context.actor_label, context.impersonator_label, context.source) == ("ann", "support", "admin")


def test_an_undo_can_be_undone(book: Book) -> None:
    before = row(book)
    first = undo(last(book))
    undo(Entry.objects.get(pk=first.entries[0]))
    assert row(book) == before


def test_what_is_as_it_was_already_is_left_alone(book: Book, refused: Refused) -> None:
    source = last(book)
    undo(source)
    assert restore.plan(Undo(source)).is_empty
    assert refused(Undo(source)).code == "nothing"


def test_a_field_changed_since_is_a_conflict_that_says_by_whom(book: Book) -> None:
    source = last(book)
    with audit_plugin.context(actor="importer"):
        Book.objects.filter(pk=book.pk).update(title="Children of Dune")
    later = last(book)
    plan = restore.plan(Undo(source))
    [conflict] = plan.conflicts
    assert not plan.is_clean
    assert (conflict.code, conflict.field, conflict.entry) == ("changed_since", "title", later.pk)
    assert conflict.details["actor_label"] == "importer"
    assert "importer" in str(conflict.message) and str(later.occurred_at.year) in str(conflict.message)
    assert conflict.choices == (Choice.OVERWRITE, Choice.KEEP)


@pytest.mark.parametrize(("choice", "title"), [("overwrite", "Dune"), ("keep", "Children of Dune")])
def test_a_field_changed_since_goes_where_the_choice_says(book: Book, choice: str, title: str) -> None:
    Book.objects.filter(pk=book.pk).update(isbn="2", title="Dune")
    source = last(book)
    Book.objects.filter(pk=book.pk).update(title="Children of Dune")
    plan = restore.plan(Undo(source))
    restore.apply(Undo(source), resolutions={plan.conflicts[0].id: choice})
    book.refresh_from_db()
    assert (book.title, book.isbn) == ({"Dune": "Dune Messiah"}.get(title, title), "1")


def test_a_change_that_the_log_missed_is_a_conflict_without_a_name(book: Book) -> None:
    source = last(book)
    behind_the_log("testapp_book", "UPDATE testapp_book SET title = 'Behind its back'")
    [conflict] = restore.plan(Undo(source)).conflicts
    assert (conflict.code, conflict.entry) == ("changed_since", None)


def test_conflicts_stop_everything_unless_the_clean_part_is_asked_for(book: Book, refused: Refused) -> None:
    Book.objects.filter(pk=book.pk).update(isbn="2", title="Dune 2")
    source = last(book)
    Book.objects.filter(pk=book.pk).update(title="Dune 3")
    error = refused(Undo(source))
    assert error.code == "conflicts" and error.plan is not None and codes(error.plan) == ["changed_since"]
    book.refresh_from_db()
    assert (book.title, book.isbn) == ("Dune 3", "2")
    restore.apply(Undo(source), partial=True)
    book.refresh_from_db()
    assert (book.title, book.isbn) == ("Dune 3", "1")


def test_nothing_clean_is_nothing_done(book: Book, refused: Refused) -> None:
    source = last(book)
    Book.objects.filter(pk=book.pk).update(title="Dune 3")
    assert refused(Undo(source), partial=True).code == "nothing"


def test_a_secret_is_named_and_left_alone(db: None) -> None:
    book = Book.objects.create(title="Dune", pin="1234")
    book.pin, book.title = "5678", "Dune 2"
    book.save()
    plan = restore.plan(Undo(last(book)))
    assert notes(plan) == {"pin": "secret"} and becomes(plan) == {"title": "Dune"}
    restore.apply(plan)
    book.refresh_from_db()
    assert book.pin == "5678"


def test_an_entry_about_a_secret_alone_leaves_nothing_to_do(db: None) -> None:
    book = Book.objects.create(title="Dune", pin="1234")
    Book.objects.update(pin="5678")
    plan = restore.plan(Undo(last(book)))
    assert plan.is_empty and notes(plan) == {"pin": "secret"}


def test_undoing_a_creation_deletes_what_was_created(db: None, refused: Refused) -> None:
    author = Author.objects.create(name="Frank")
    plan = restore.plan(Undo(last(author)))
    assert [(touch.model, touch.effect, touch.count) for touch in plan.touched] == [
        ("testapp.author", "delete", 1)
    ]
    restore.apply(plan)
    assert not Author.objects.exists()
    assert last(author).action == "restore" and last(author).operation == "D"


def test_undoing_a_creation_takes_links_along(db: None) -> None:
    book = Book.objects.create(title="Dune")
    created = last(book)
    book.tags.add(Tag.objects.create(name="a"))
    plan = restore.plan(Undo(created))
    assert {(touch.model, touch.effect) for touch in plan.touched} == {
        ("testapp.book", "delete"),
        ("testapp.book_tags", "links"),
    }
    restore.apply(plan)
    assert not Book.objects.exists() and not Book.tags.through.objects.exists()


def test_undoing_a_creation_asks_before_it_takes_records_along(db: None, refused: Refused) -> None:
    author = Author.objects.create(name="Frank")
    created = last(author)
    book = Book.objects.create(title="Dune", author=author)
    Reading.objects.create(book=book, reader=author)
    [conflict] = restore.plan(Undo(created)).conflicts
    assert (conflict.code, conflict.choices) == ("referenced", (Choice.CASCADE, Choice.KEEP))
    assert {label: one["count"] for label, one in conflict.details["referrers"].items()} == {
        "testapp.book": 1,
        "testapp.reading": 1,
    }
    assert refused(Undo(created)).code == "conflicts"
    restore.apply(Undo(created), resolutions={"referenced": "cascade"})
    assert not Author.objects.exists() and not Book.objects.exists() and not Reading.objects.exists()
    assert {entry.model for entry in ours(restored_from=created.pk)} == {
        "testapp.author",
        "testapp.book",
        "testapp.reading",
    }


def test_a_created_record_that_was_changed_since_is_not_deleted_unasked(book: Book) -> None:
    created = Entry.objects.get(model="testapp.book", object_id=str(book.pk), operation="I")
    [conflict] = restore.plan(Undo(created)).conflicts
    assert (conflict.code, conflict.details["fields"]) == ("changed_since", ["title"])
    restore.apply(Undo(created), resolutions={conflict.id: "overwrite"})
    assert not Book.objects.exists()


@pytest.mark.parametrize("way", ["add", "remove", "set", "clear", "reverse"])
def test_links_go_back(db: None, way: str) -> None:
    tags = {name: Tag.objects.create(name=name) for name in "abc"}
    book = Book.objects.create(title="Dune")
    book.tags.set([tags["a"], tags["b"]])
    seen = last().seq
    match way:
        case "add":
            book.tags.add(tags["c"])
        case "remove":
            book.tags.remove(tags["a"])
        case "set":
            book.tags.set([tags["c"]])
        case "clear":
            book.tags.clear()
        case "reverse":
            tags["c"].books.add(book)
    entries = ours(seq__gt=seen)
    restore.apply(restore.Entries(entries))
    assert set(book.tags.values_list("name", flat=True)) == {"a", "b"}
    assert {entry.operation for entry in ours(action="restore")} == {"M"}


def test_links_that_are_as_they_were_are_left_alone(db: None, refused: Refused) -> None:
    book, tag = Book.objects.create(title="Dune"), Tag.objects.create(name="a")
    book.tags.add(tag)
    added = last(book)
    book.tags.clear()
    assert refused(Undo(added)).code == "nothing"


def test_symmetrical_links_go_both_ways(db: None) -> None:
    one, two = Category.objects.create(name="one"), Category.objects.create(name="two")
    one.related.add(two)
    added = ours(operation="M", object_id=str(one.pk)).get()
    undo(added)
    assert not two.related.exists() and not one.related.exists()
    restored = ours(operation="M", object_id=str(one.pk), action="restore").get()
    undo(restored)
    assert list(two.related.all()) == [one] and list(one.related.all()) == [two]


def test_links_with_a_model_of_their_own_go_back_with_what_they_hold(db: None) -> None:
    book, reader = Book.objects.create(title="Dune"), Author.objects.create(name="Ann")
    reading = Reading.objects.create(book=book, reader=reader, stars=4)
    before = row(reading)
    reading.delete()
    removed = ours(operation="M", model="testapp.book").order_by("-seq")[0]
    undo(removed)
    [found] = Reading.objects.all()
    assert row(found) == before


def test_a_field_that_sets_itself_is_no_conflict(db: None) -> None:
    place = organisation()
    place.plan = "team"
    place.save()
    changed, saved = last(place), place.updated_at
    place.monthly_fee = 7
    place.save()
    later = place.updated_at
    plan = restore.plan(Undo(changed))
    assert plan.is_clean and notes(plan) == {"updated_at": "automatic"}
    restore.apply(plan)
    place.refresh_from_db()
    assert (place.plan, place.monthly_fee, place.updated_at) == ("trial", 7, later) and later > saved


def test_saving_again_is_no_reason_to_keep_what_was_created(db: None) -> None:
    place = organisation()
    created = last(place)
    place.save()
    assert restore.plan(Undo(created)).is_clean
    place.name = "Another"
    place.save()
    [conflict] = restore.plan(Undo(created)).conflicts
    assert conflict.details["fields"] == ["name"]
