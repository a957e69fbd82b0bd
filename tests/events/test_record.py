"""`audit_plugin.record` and `record_many`: declared actions, related records, keys, transactions."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

import audit_plugin
from audit_plugin import display
from audit_plugin.events import Event, write_events
from audit_plugin.events.groups import related_to
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.export.plan import plan_for
from audit_plugin.export.stream import ExportStream
from audit_plugin.filters import EntryFilter
from audit_plugin.history import history
from audit_plugin.models import Entry
from tests.conftest import Log
from tests.reading import user_with
from tests.testapp.models import Author, Book

DECLARED = audit_plugin.Action("book.reserved", label="Reserved", channel="desk", badge="purple")


def test_an_action_has_its_label_colour_channel_and_sentence(author: Author, log: Log) -> None:
    with audit_plugin.context(actor="reviewer"):
        audit_plugin.record("photo.rejected", author, reason="Eyes are closed", details={"score": 3})
    (entry,) = log(channel="photos")
    assert entry.action == "photo.rejected"
    assert entry.details == {"reason": "Eyes are closed", "score": 3}
    assert display.badge(entry.action).modifier == "delete"
    assert (
        display.describe(entry) == f"reviewer rejected Author Ann Archer ({author.pk}): Eyes are closed (3)"
    )
    assert display.action_label("photo.approved") == "Photo approved"


def test_a_sentence_names_what_there_isn_t_by_a_dash(log: Log, db: None, settings: Any) -> None:
    settings.AUDIT_ACTIONS = {
        "photo.approved": {"sentence": "%(subject)s, %(object)s, %(model)s: %(reason)s"}
    }
    audit_plugin.record("photo.approved")
    (entry,) = log(action="photo.approved")
    assert display.describe(entry) == "–, –, –: –"
    export = plan_for(Entry.objects.filter(id=entry.id), EntryFilter(), format="csv", columns=["description"])
    assert b"".join(ExportStream(export)).decode("utf-8-sig").splitlines()[1].strip('"') == "–, –, –: –"


def test_actions_are_declared_in_code_as_well(author: Author, log: Log) -> None:
    audit_plugin.declare(DECLARED)
    audit_plugin.declare(DECLARED)
    audit_plugin.record(DECLARED, author)
    audit_plugin.record("book.reserved", author, channel="counter")
    assert [entry.channel for entry in log(action="book.reserved")] == ["desk", "counter"]
    assert display.badge("book.reserved").modifier == "restore"
    other = audit_plugin.Action("book.reserved", label="Kept")
    with pytest.raises(ConfigurationError, match="declared twice"):
        audit_plugin.declare(other)
    # In production that is no reason to lose what happened.
    assert audit_plugin.record(other, author)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "create"}, "dotted name"),
        ({"name": "Photo.Approved"}, "dotted name"),
        ({"name": "photo.a", "badge": "pink"}, "badge"),
        ({"name": "photo.a", "channel": ""}, "channel"),
        ({"name": "photo.a", "sentence": "100 % of %(actor)s"}, "percent"),
    ],
)
def test_a_wrong_declaration_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        audit_plugin.Action(**given)


def test_a_host_relabels_an_action_of_ours(settings: Any) -> None:
    settings.AUDIT_ACTIONS = {"auth.login": {"label": "Came in"}}
    assert display.action_label("auth.login") == "Came in"
    assert display.badge("auth.login").modifier == "create"


def test_an_event_is_rolled_back_with_its_transaction(author: Author, log: Log) -> None:
    with transaction.atomic():
        audit_plugin.record("photo.approved", author)
        transaction.set_rollback(True)
    assert log(channel="photos") == []


@pytest.mark.django_db(transaction=True)
def test_a_durable_event_survives(log: Log) -> None:
    author = Author.objects.create(name="Ann")
    with pytest.raises(PermissionError), transaction.atomic():
        audit_plugin.record("photo.denied", author, outcome="denied", durable=True)
        raise PermissionError
    (entry,) = log(channel="photos")
    assert entry.details == {"outcome": "denied"}


@pytest.mark.django_db(transaction=True)
def test_a_durable_event_outside_of_a_transaction_needs_no_second_connection(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_plugin.events.writing.own_connection", None)
    audit_plugin.record("photo.denied", outcome="denied", durable=True)
    assert len(log(channel="photos")) == 1


def test_a_key_records_once(author: Author, log: Log) -> None:
    first = audit_plugin.record("photo.approved", author, idempotency_key="approval-1")
    second = audit_plugin.record("photo.approved", author, idempotency_key="approval-1")
    other = audit_plugin.record("photo.approved", author, idempotency_key="approval-2")
    assert first == second != other
    assert [entry.id for entry in log(channel="photos")] == [first, other]


def test_a_key_that_was_rolled_back_is_free_again(author: Author, log: Log) -> None:
    with transaction.atomic():
        audit_plugin.record("photo.approved", author, idempotency_key="k")
        transaction.set_rollback(True)
    audit_plugin.record("photo.approved", author, idempotency_key="k")
    assert len(log(channel="photos")) == 1


def test_tenants_have_keys_of_their_own(author: Author, log: Log) -> None:
    for tenant in ("north", "south", "north"):
        audit_plugin.record("photo.approved", author, idempotency_key="k", tenant=tenant)
    assert [entry.tenant for entry in log(channel="photos")] == ["north", "south"]


@pytest.mark.django_db(transaction=True)
def test_the_same_key_in_a_durable_event_does_not_wait_for_ever(author: Author, log: Log) -> None:
    with pytest.raises(Exception, match="lock timeout"), transaction.atomic():
        audit_plugin.record("photo.approved", author, idempotency_key="k")
        audit_plugin.record("photo.approved", author, idempotency_key="k", durable=True)


def test_an_event_is_in_the_history_of_every_record_it_concerns(book: Book, author: Author) -> None:
    reader = Author.objects.create(name="Reader")
    audit_plugin.record("photo.approved", book, related=[author, reader, author])
    for record in (book, author, reader):
        assert "photo.approved" in [entry.action for entry in history(type(record), record.pk)]
    other = Author.objects.create(name="Other")
    assert "photo.approved" not in [entry.action for entry in history(Author, other.pk)]
    (entry,) = Entry.objects.filter(action="photo.approved")
    assert [(item.model, item.object_id) for item in related_to(entry)] == [
        ("testapp.author", str(author.pk)),
        ("testapp.author", str(reader.pk)),
    ]


def test_further_records_are_named_for_whom_may_see_them_and_nowhere_stored(
    book: Book, author: Author
) -> None:
    audit_plugin.record("photo.approved", book, related=[author])
    (entry,) = Entry.objects.filter(action="photo.approved")
    assert entry.details == {"related": [{"model": "testapp.author", "id": str(author.pk)}]}
    keys = [(item.model, item.object_id) for item in related_to(entry)]
    reader = user_with("reader", "audit_plugin.view_entry", "testapp.view_book")
    for user, name in ((None, "Ann Archer"), (reader, None)):
        assert display.names_of_records(keys, user).of("testapp.author", author.pk) == name
    author.delete()
    assert display.names_of_records(keys).of(*keys[0]) == "Ann Archer"


def test_related_records_are_a_filter(book: Book, author: Author) -> None:
    audit_plugin.record("photo.approved", book, related=[author])
    given, errors = EntryFilter.parse({"related": f"testapp.Author:{author.pk}"})
    assert errors == {}
    found = given.apply(Entry.objects.all())
    assert {entry.action for entry in found} == {"create", "photo.approved"}
    assert EntryFilter.parse(given.query())[0] == given
    for wrong in ("author", "author:1", "a.b:", ":"):
        assert EntryFilter.parse({"related": wrong})[1], wrong


def test_related_records_are_found_by_an_index(book: Book, author: Author) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = history(Author, author.pk).order_by().query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "related" in plan or "expr_idx" in plan, plan
    assert "BitmapOr" in plan and "Seq Scan" not in plan, plan


def test_foreign_keys_of_the_subject_and_the_actor_come_along(
    book: Book, author: Author, settings: Any
) -> None:
    settings.AUDIT_RELATED = {"testapp.Book": ["author", "author__nothing"], "auth.User": ["groups_of"]}
    user = User.objects.create_user("ben")
    user.groups_of = author  # what a foreign key of a custom user would be
    with audit_plugin.context(actor=user):
        audit_plugin.record("photo.approved", book)
        audit_plugin.record("photo.approved", Author.objects.create(name="Somebody"))
    entries = Entry.objects.filter(action="photo.approved").order_by("id")
    assert [[item.object_id for item in related_to(entry)] for entry in entries] == [[str(author.pk)]] * 2


def test_thousands_are_one_statement(db: None, log: Log, django_assert_num_queries: Any) -> None:
    authors = Author.objects.bulk_create(Author(name=f"Author {number}") for number in range(2000))
    with django_assert_num_queries(1):
        made = audit_plugin.record_many("photo.approved", authors, reason="all sharp")
    entries = log(channel="photos")
    assert [entry.id for entry in entries] == made
    assert [entry.object_id for entry in entries] == [str(author.pk) for author in authors]
    assert entries[7].object_repr == "Author 7" and entries[7].details == {"reason": "all sharp"}
    assert audit_plugin.record_many("photo.approved", []) == []


def test_what_was_done_within_a_time_is_not_written_again(author: Author, log: Log) -> None:
    event = Event.about(author, "photo.approved", "photos", within=60.0)
    with audit_plugin.context(actor="one"):
        (first,) = write_events([event])
        assert write_events([event]) == [None]
    with audit_plugin.context(actor="two"):
        (second,) = write_events([event])
    assert [entry.id for entry in log(channel="photos")] == [first, second]


def test_a_repeated_event_leaves_no_context_behind(author: Author, log: Log) -> None:
    audit_plugin.record("photo.approved", author, idempotency_key="k")
    with audit_plugin.context(actor="retry"):
        audit_plugin.record("photo.approved", author, idempotency_key="k")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_plugin_context WHERE actor_id = 'service:retry'")
        assert cursor.fetchone() == (0,)
