"""One record through time: its entries, its states, and records that are gone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit_plugin.history import as_of, deleted_records, history, labels_of
from audit_plugin.models import Entry
from audit_plugin.pagination import Count, count
from audit_plugin.visibility import Scope
from tests.conftest import Log
from tests.reading import JUNE, add
from tests.testapp.models import Author, Book, Country, Place, Restaurant, Tag, Ticket

pytestmark = pytest.mark.django_db


def actions(entries: Any) -> list[tuple[str, str]]:
    return [(entry.model, entry.action) for entry in entries]


def test_of_one_record_and_no_other(log: Log) -> None:
    one, other = Author.objects.create(name="One"), Author.objects.create(name="Other")
    Author.objects.filter(pk=one.pk).update(name="One 2")
    Tag.objects.create(pk=one.pk, name="same key")
    key = one.pk
    one.delete()
    found = history(Author, key)
    assert actions(found) == [("testapp.author", action) for action in ("delete", "update", "create")]
    assert actions(history("testapp.author", str(other.pk))) == [("testapp.author", "create")]
    assert actions(history(Author, key, entries=Scope(models=frozenset({"testapp.tag"})).entries())) == []


@pytest.mark.parametrize("key", ["", "0", "x", "' OR 1=1 --", "[1", "9" * 500, "<b>"])
@pytest.mark.parametrize("model", [Author, Ticket, "former.model", "nonsense", Restaurant])
def test_a_key_that_is_none_has_no_history(model: Any, key: str) -> None:
    assert list(history(model, key)) == []
    assert not as_of(model, key, timezone.now()).exists


def test_tables_of_multi_table_parents_belong_to_it(log: Log) -> None:
    restaurant = Restaurant.objects.create(name="Noma", stars=3)
    Place.objects.filter(pk=restaurant.pk).update(name="Noma 2")
    assert actions(history(Restaurant, restaurant.pk)) == [
        ("testapp.place", "update"),
        ("testapp.restaurant", "create"),
        ("testapp.place", "create"),
    ]
    assert as_of(Restaurant, restaurant.pk, timezone.now()).values["name"] == "Noma 2"
    key = restaurant.pk
    restaurant.delete()
    assert len(history(Restaurant, key)) == 5


def test_earlier_names_of_the_model(settings: Any) -> None:
    settings.AUDIT_RENAMED_MODELS = {"old.author": "testapp.author"}
    add(JUNE, 1, model="old.author", object_id="7")
    add(JUNE, 2, model="testapp.author", object_id="7")
    for name in ("old.author", "testapp.author", Author):
        assert [entry.model for entry in history(name, 7)] == ["testapp.author", "old.author"]
        assert set(labels_of(name)) == {"testapp.author", "old.author"}  # type: ignore[arg-type]


def test_earlier_keys_up_to_the_change_only(log: Log) -> None:
    Country.objects.create(code="NO", name="Norway")
    Country.objects.filter(code="NO").update(code="NN")
    Country.objects.create(code="NO", name="Nowhere")
    assert [entry.object_id for entry in history(Country, "NN")] == ["NN", "NO"]
    assert [entry.object_repr for entry in history(Country, "NO")] == ["Nowhere", "Norway"]


def test_states_at_every_entry(log: Log) -> None:
    tag, other = Tag.objects.create(name="a"), Tag.objects.create(name="b")
    book = Book.objects.create(title="Emma", price=5, pin="1234", data={"pages": [1, {"x": None}]})
    book.tags.add(tag, other)
    Book.objects.filter(pk=book.pk).update(title="Emma 2", pin="4321")
    book.tags.remove(tag)
    key = book.pk
    book.delete()
    created, linked, updated, unlinked, *_rest, deleted = log(model="testapp.book", object_id=str(key))

    state = as_of(Book, key, created)
    assert (state.exists, state.known, state.entry) == (True, True, created)
    assert (state.values["title"], state.values["price"], state.values["data"]) == (
        "Emma",
        5.0,
        {"pages": [1, {"x": None}]},
    )
    assert state.masked == {"pin"}
    assert "views" not in state.values
    assert set(as_of(Book, key, linked).links["tags"]) == {tag.pk, other.pk}
    assert as_of(Book, key, linked).values["title"] == "Emma"
    assert as_of(Book, key, updated).values["title"] == "Emma 2"
    assert as_of(Book, key, unlinked).links["tags"] == [other.pk]
    gone = as_of(Book, key, deleted)
    assert (gone.exists, gone.values["title"]) == (False, "Emma 2")
    before = as_of(Book, key, created.occurred_at - timedelta(minutes=1))
    assert (before.exists, before.entry) == (False, None)


def test_a_record_older_than_the_log_is_put_together_from_what_it_is_now(log: Log) -> None:
    author = Author.objects.create(name="Before")
    begun = log()[-1].seq
    Author.objects.filter(pk=author.pk).update(name="Then")
    Author.objects.filter(pk=author.pk).update(name="Now")
    entries = Entry.objects.filter(seq__gt=begun)
    first, second = entries.order_by("seq")
    assert as_of(Author, author.pk, first, entries=entries).values["name"] == "Then"
    assert as_of(Author, author.pk, second, entries=entries).values["name"] == "Now"
    earlier = as_of(Author, author.pk, JUNE, entries=entries)
    assert (earlier.exists, earlier.known, earlier.values["name"], earlier.entry) == (
        True,
        True,
        "Before",
        None,
    )


def test_what_nobody_knows_is_not_guessed() -> None:
    state = as_of("former.model", "1", timezone.now())
    assert (state.exists, state.known, state.values) == (False, False, {})


def test_of_many_deletions_only_so_many_are_looked_at_to_count_them(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [Tag.objects.create(name=f"tag {number}") for number in range(6)]
    keys = [tag.pk for tag in tags]
    for tag in tags:
        tag.delete()
    Tag.objects.create(pk=keys[-1], name="back again")
    assert count(deleted_records(Tag)) == Count(5)
    assert count(deleted_records(Tag), cap=2) == Count(1, capped=True, least=True)
    monkeypatch.setattr("audit_plugin.pagination.counting.CHECKED", 3)
    assert count(deleted_records(Tag)) == Count(2, capped=True, least=True)
    # What is filtered on top is filtered before that many are looked at.
    assert count(deleted_records(Tag).filter(object_repr="tag 0")) == Count(1)
    assert count(deleted_records(Tag).filter(object_repr="tag 5")) == Count(0)
    oldest = deleted_records(Tag).order_by("id").first()
    assert oldest is not None
    assert count(deleted_records(Tag).between(None, uuid.UUID(int=oldest.id.int + 1))) == Count(1)
    assert count(deleted_records(Tag).none()) == Count(0)
    assert count(deleted_records(Tag, entries=Scope(nothing=True).entries())) == Count(0)


def test_deleted_records_are_those_that_have_not_come_back(log: Log) -> None:
    gone, back = Tag.objects.create(name="gone"), Tag.objects.create(name="back")
    keys = (gone.pk, back.pk)
    Tag.objects.all().delete()
    assert {entry.object_repr for entry in deleted_records(Tag)} == {"gone", "back"}
    Tag.objects.create(pk=keys[1], name="back again")
    assert [entry.object_repr for entry in deleted_records(Tag)] == ["gone"]
    Tag.objects.all().delete()
    assert [entry.object_repr for entry in deleted_records("testapp.tag")] == ["back again", "gone"]
    assert list(deleted_records(Tag, entries=Scope(nothing=True).entries())) == []
    assert list(deleted_records(Author)) == []


def test_a_key_of_another_type(log: Log) -> None:
    key = uuid.uuid4()
    Ticket.objects.create(id=key, title="One")
    assert len(history(Ticket, key)) == 1
    assert as_of(Ticket, str(key), timezone.now()).values["title"] == "One"
