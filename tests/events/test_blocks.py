"""`audit_plugin.recording`: changes hang on the event they were made inside of."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections, transaction

import audit_plugin
from audit_plugin.events.groups import changes_of, count_changes, event_around, event_of
from audit_plugin.export.plan import plan_for
from audit_plugin.export.stream import ExportStream
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from tests.conftest import Log
from tests.testapp.models import Author, Book, Tag


def test_the_changes_made_inside_hang_on_the_event(book: Book, log: Log) -> None:
    Tag.objects.create(name="before")
    with audit_plugin.context(actor="reviewer"), audit_plugin.recording("photo.approved", book) as event:
        book.price = 7
        book.save()
        book.tags.add(Tag.objects.create(name="inside"))
        event.reason = "sharp"
        event.details["score"] = 9
    Tag.objects.create(name="after")
    head = Entry.objects.get(id=event.entry_id)
    assert (head.action, head.object_id, head.actor_id) == (
        "photo.approved",
        str(book.pk),
        "service:reviewer",
    )
    assert head.details["reason"] == "sharp" and head.details["score"] == 9
    assert count_changes(log(), Entry.objects.all()) == {event_of(head): 3}
    inside = list(changes_of(head, Entry.objects.all()))
    assert [entry.operation for entry in inside] == ["U", "I", "M"]
    assert {entry.context.request_id for entry in inside} == {head.context.request_id}
    assert event_around(inside[0], Entry.objects.all()) == head
    assert event_around(head, Entry.objects.all()) is None
    found, errors = EntryFilter.parse({"event": str(event_of(head))})
    assert not errors and set(found.apply(Entry.objects.all())) == {head, *inside}


def test_events_inside_events_hang_on_them(author: Author, log: Log) -> None:
    with audit_plugin.recording("photo.approved", author) as outer:
        author.name = "A"
        author.save()
        with audit_plugin.recording("photo.rejected", author, reason="r", details={"score": 1}) as inner:
            author.name = "B"
            author.save()
        audit_plugin.record("photo.denied", author)
    outer_entry, inner_entry = (Entry.objects.get(id=event.entry_id) for event in (outer, inner))
    assert [entry.action for entry in changes_of(outer_entry, Entry.objects.all())] == [
        "update",
        "photo.rejected",
        "photo.denied",
    ]
    assert [entry.changes for entry in changes_of(inner_entry, Entry.objects.all())] == [{"name": ["A", "B"]}]
    assert count_changes([outer_entry, inner_entry], Entry.objects.all()) == {
        event_of(outer_entry): 1,
        event_of(inner_entry): 1,
    }


def test_another_actor_inside_is_still_inside(author: Author) -> None:
    with audit_plugin.recording("photo.approved", author) as event, audit_plugin.context(actor="helper"):
        author.name = "A"
        author.save()
    head = Entry.objects.get(id=event.entry_id)
    (change,) = changes_of(head, Entry.objects.all())
    assert change.actor_id == "service:helper" != head.actor_id


def test_what_is_deleted_inside_keeps_its_name_and_key(author: Author) -> None:
    key = author.pk
    with audit_plugin.recording("photo.approved", author) as event:
        author.delete()
    head = Entry.objects.get(id=event.entry_id)
    assert (head.object_id, head.object_repr) == (str(key), "Ann Archer")


def test_what_is_made_inside_is_named_inside(db: None) -> None:
    with audit_plugin.recording("photo.approved") as event:
        author = Author.objects.create(name="New")
        event.about(author)
    assert Entry.objects.get(id=event.entry_id).object_id == str(author.pk)


def test_a_failing_block_is_recorded_as_far_as_its_transaction_lives(author: Author, log: Log) -> None:
    with pytest.raises(ZeroDivisionError), audit_plugin.recording("photo.approved", author):
        raise ZeroDivisionError("a secret, as a database's errors may quote it")
    (entry,) = log(channel="photos")
    assert entry.details["outcome"] == "failure" and entry.details["reason"] == "ZeroDivisionError"


def test_a_failing_block_goes_with_its_transaction(author: Author, log: Log) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
        audit_plugin.recording("photo.approved", author),
    ):
        author.save()
        raise ZeroDivisionError
    assert log(channel="photos") == []


@pytest.mark.django_db(transaction=True)
def test_a_durable_block_stays_when_all_is_undone(log: Log) -> None:
    author = Author.objects.create(name="Ann")
    block = audit_plugin.recording("photo.approved", author, durable=True)
    with pytest.raises(ZeroDivisionError), transaction.atomic(), block:
        author.delete()
        with transaction.atomic():
            raise ZeroDivisionError
    (entry,) = log(channel="photos")
    assert entry.details["outcome"] == "failure" and entry.object_repr == "Ann"
    assert log(action="delete") == []


def test_a_decorated_function_is_an_event_a_call(book: Book, log: Log) -> None:
    @audit_plugin.recording("photo.approved", lambda item, price: item)
    def approve(item: Book, price: int) -> int:
        item.price = price
        item.save()
        return price

    assert approve(book, 1) == 1 and approve(book, 2) == 2
    heads = log(channel="photos")
    assert [head.object_id for head in heads] == [str(book.pk)] * 2
    assert sorted(count_changes(heads, Entry.objects.all()).values()) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_async_blocks_and_functions(log: Log) -> None:
    @audit_plugin.recording("photo.approved")
    async def approve() -> None:
        await Author.objects.acreate(name="inside the function")

    async def run() -> None:
        await approve()
        async with audit_plugin.recording("photo.denied"):
            await Author.objects.acreate(name="inside the block")
        await audit_plugin.arecord("photo.approved", reason="r")
        await sync_to_async(connections.close_all)()

    asyncio.run(run())
    heads = log(channel="photos")
    assert [head.action for head in heads] == ["photo.approved", "photo.denied", "photo.approved"]
    assert sorted(count_changes(heads, Entry.objects.all()).values()) == [1, 1]


def test_a_generator_is_refused_and_a_block_runs_once_at_a_time(author: Author) -> None:
    def generate() -> Any:
        yield 1

    with pytest.raises(TypeError, match="generator"):
        audit_plugin.recording("photo.approved")(generate)
    block = audit_plugin.recording("photo.approved", author)
    with pytest.raises(RuntimeError, match="running already"), block, block:
        pass


def test_a_block_with_a_key_records_once_and_its_changes_hang_on_the_first(author: Author, log: Log) -> None:
    for name in ("A", "B"):
        with audit_plugin.recording("photo.approved", author, idempotency_key="k"):
            author.name = name
            author.save()
    (head,) = log(channel="photos")
    assert count_changes([head], Entry.objects.all()) == {event_of(head): 1}


def test_an_export_joins_changes_to_their_event(author: Author) -> None:
    user = User.objects.create_superuser("root")
    with audit_plugin.context(actor=user), audit_plugin.recording("photo.approved", author) as event:
        author.name = "A"
        author.save()
    head = Entry.objects.get(id=event.entry_id)
    export = plan_for(
        Entry.objects.filter(actor_id=str(user.pk)),
        EntryFilter(),
        format="csv",
        columns=["event", "event_id", "part_of"],
    )
    text = b"".join(ExportStream(export)).decode()
    group = str(event_of(head))
    assert f"photo.approved,{group}," in text and f"update,,{group}" in text
