"""Semantic entries: what is written, for whom, in whose transaction."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

import audit_plugin
from audit_plugin.events import Event, write_event, write_events
from audit_plugin.models import Entry
from tests.conftest import Log
from tests.testapp.models import Author


@pytest.fixture
def author(db: None) -> Author:
    return Author.objects.create(name="Ann Archer")


def test_an_event_is_an_entry_under_the_current_context(author: Author, log: Log) -> None:
    user = User.objects.create_user("ben", "ben@example.org", first_name="Ben")
    with audit_plugin.context(actor=user, source="web", tenant="north"):
        made = write_event(
            Event.about(
                author, "photo.approved", "photos", outcome="success", reason="sharp", details={"score": 7}
            )
        )
    (entry,) = log(action="photo.approved")
    assert entry.id == made
    assert (entry.channel, entry.model, entry.object_id) == ("photos", "testapp.author", str(author.pk))
    assert (entry.object_repr, entry.actor_id, entry.tenant) == (str(author), str(user.pk), "north")
    assert entry.details == {"outcome": "success", "reason": "sharp", "score": 7}
    assert entry.operation is None and entry.changes is None and entry.field_changes == []
    assert entry.context.actor_email == "ben@example.org" and entry.context.source == "web"


def test_an_event_shares_its_context_with_the_changes_around_it(author: Author, log: Log) -> None:
    with audit_plugin.context(actor="billing"):
        write_event(Event("photo.approved", "photos"))
        author.name = "Ann Baker"
        author.save()
    event, change = log(actor_id="service:billing")
    assert event.context_id == change.context_id
    assert event.id < change.id


def test_an_event_needs_no_record_and_its_own_tenant_wins(log: Log, db: None) -> None:
    with audit_plugin.context(actor=None, tenant="north"):
        write_event(Event("audit.exported", "audit", tenant="south"))
    (entry,) = log(action="audit.exported")
    assert (entry.model, entry.object_id, entry.object_repr, entry.tenant) == ("", "", "", "south")
    assert entry.details is None


def test_thousands_of_events_are_one_statement_and_keep_their_order(
    log: Log, db: None, django_assert_num_queries: object
) -> None:
    events = [Event("photo.approved", "photos", object_id=str(number)) for number in range(3000)]
    with django_assert_num_queries(1):  # type: ignore[operator]
        made = write_events(events)
    entries = log(action="photo.approved")
    assert [entry.id for entry in entries] == made
    assert [entry.object_id for entry in entries] == [str(number) for number in range(3000)]
    assert len({entry.context_id for entry in entries}) == 1


def test_no_events_are_no_statement(db: None, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert write_events([]) == []


@pytest.mark.parametrize(
    "action", ["create", "update", "delete", "", "Photo.approved", "photo.", ".x", "a b.c"]
)
def test_a_captured_change_can_t_be_made_up(action: str, db: None) -> None:
    with pytest.raises(DataError, match=r"photo\.approved"):
        write_event(Event(action, "data"))


def test_one_bad_event_of_many_writes_none(log: Log, db: None) -> None:
    with pytest.raises(DataError), transaction.atomic():
        write_events([Event("photo.approved", "photos"), Event("delete", "photos")])
    assert log() == []


def test_a_channel_is_required(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("""SELECT audit_plugin_record_v1('[{"action": "photo.approved"}]')""")


def test_details_may_not_hide_the_reason(db: None) -> None:
    with pytest.raises(ValueError, match="reason"):
        write_event(Event("photo.rejected", "photos", details={"reason": "blurred"}))


def test_details_that_are_no_json_are_stored_all_the_same(log: Log, db: None) -> None:
    key = uuid.uuid4()
    write_event(
        Event("photo.rejected", "photos", details={"key": key, "text": "a\x00b\ud800", "odd": {1, 2}})
    )
    (entry,) = log(action="photo.rejected")
    assert entry.details == {"key": str(key), "text": "a\ufffdb?", "odd": [1, 2]}


def test_a_record_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match=r"testapp\.Author"):
        Event.about(Author(name="Ann"), "photo.approved", "photos")


def test_an_event_goes_when_its_transaction_is_rolled_back(log: Log, db: None) -> None:
    with transaction.atomic():
        write_event(Event("photo.approved", "photos"))
        transaction.set_rollback(True)
    assert log() == []


@pytest.mark.django_db(transaction=True)
def test_an_independent_event_stays(log: Log) -> None:
    with transaction.atomic():
        with audit_plugin.context(actor="guard"):
            made = write_event(Event("photo.denied", "photos", outcome="denied"), independent=True)
        transaction.set_rollback(True)
    entry = Entry.objects.select_related("context").get(id=made)
    assert entry.details == {"outcome": "denied"} and entry.context.actor_id == "service:guard"


def test_a_role_that_may_only_read_can_t_write_events(db: None) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("CREATE ROLE audit_reader_test")
        cursor.execute("GRANT SELECT ON audit_plugin_entry TO audit_reader_test")
        cursor.execute("SET LOCAL ROLE audit_reader_test")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            write_event(Event("photo.approved", "photos"))
        cursor.execute("RESET ROLE")
        cursor.execute("GRANT EXECUTE ON FUNCTION audit_plugin_record_v1 TO audit_reader_test")
        cursor.execute("SET LOCAL ROLE audit_reader_test")
        write_event(Event("photo.approved", "photos"))
        transaction.set_rollback(True)
