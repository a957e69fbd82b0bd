"""Wrong events: an error at once in development; in production none of the caller's own work is lost."""

from __future__ import annotations

import logging
import uuid
from operator import attrgetter
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

import audit_plugin
from audit_plugin import display
from audit_plugin.exceptions import EventError
from tests.conftest import Log
from tests.testapp.models import Author, Exotic


class Tale:
    """No JSON."""

    def __str__(self) -> str:
        return "a tale"


MISTAKES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # what, part of the message, the arguments, what is recorded in production
    (
        "undeclared",
        r"Did you mean 'photo\.approved'",
        {"action": "photo.aproved"},
        {"action": "photo.aproved"},
    ),
    ("unsaved", "has not been saved", {"obj": Author(name="New")}, {"object_id": "", "object_repr": "New"}),
    (
        "unsaved related",
        "has not been saved",
        {"related": [Author(name="New")]},
        {"details": {"related": [{"model": "testapp.author", "id": ""}]}},
    ),
    (
        "too many related",
        "50 at most",
        {"related": [audit_plugin.Reference("testapp.author", str(key)) for key in range(51)]},
        {"details": {"related": [{"model": "testapp.author", "id": str(key)} for key in range(50)]}},
    ),
    ("a text", "not for a str", {"obj": "photo 7"}, {"object_id": "", "object_repr": "photo 7"}),
    ("no record", "not for a AnonymousUser", {"obj": AnonymousUser()}, {"object_repr": "AnonymousUser"}),
    (
        "related to one record",
        "related are several records, not a Reference",
        {"related": audit_plugin.Reference("testapp.author", "7")},
        {"details": {"related": [{"model": "testapp.author", "id": "7"}]}},
    ),
    ("related to a text", "not for a str", {"related": ["author"]}, {"details": None}),
    ("related to a number", "several records, not a int", {"related": 7}, {"details": None}),
    ("no JSON", "no JSON", {"details": {"tale": Tale()}}, {"details": {"tale": "a tale"}}),
    ("not a number", "no JSON", {"details": {"x": float("nan")}}, {"details": {"x": "nan"}}),
    ("no mapping", "mapping", {"details": ["x"]}, {"details": {"details": ["x"]}}),
    (
        "10 MB",
        "AUDIT_DETAILS_LIMIT",
        {"details": {"photo": "x" * 10_000_000}},
        {"details": {"truncated": ["photo"], "length": 10_000_013}},
    ),
    ("reserved", "argument of its own", {"details": {"reason": "x"}}, {"details": {"reason_": "x"}}),
    (
        "template without its key",
        "names score",
        {"action": "photo.rejected", "reason": "blurred"},
        {"details": {"reason": "blurred"}},
    ),
]
IDS = [mistake[0] for mistake in MISTAKES]


@pytest.mark.parametrize(("what", "message", "given", "recorded"), MISTAKES, ids=IDS)
def test_development_says_so_at_once(
    what: str, message: str, given: dict[str, Any], recorded: Any, strict: None, log: Log, db: None
) -> None:
    with pytest.raises(EventError, match=message):
        audit_plugin.record(**{"action": "photo.approved", **given})
    assert log() == []


@pytest.mark.parametrize(("what", "message", "given", "recorded"), MISTAKES, ids=IDS)
def test_production_loses_nothing(
    what: str,
    message: str,
    given: dict[str, Any],
    recorded: dict[str, Any],
    log: Log,
    db: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "audit_plugin"), transaction.atomic():
        author = Author.objects.create(name="The caller's own work")
        audit_plugin.record(**{"action": "photo.approved", **given})
    author.refresh_from_db()
    entry = log()[-1]
    assert {name: getattr(entry, name) for name in recorded} == recorded
    assert display.describe(entry)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("name", ["Approve Photo", "approve", "", 7])
def test_a_name_that_is_none_is_not_recorded_and_breaks_nothing(
    name: Any, log: Log, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction.atomic():
        Author.objects.create(name="work")
        assert audit_plugin.record(name) is None
    assert [entry.action for entry in log()] == ["create"] and caplog.records


def test_a_key_used_for_another_event(author: Author, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    first = audit_plugin.record("photo.approved", author, idempotency_key="k")
    second = audit_plugin.record("photo.denied", author, idempotency_key="k")
    assert first != second and [entry.action for entry in log(channel="photos")] == [
        "photo.approved",
        "photo.denied",
    ]
    assert "used for another event" in caplog.text


def test_a_key_used_for_another_event_in_development(author: Author, strict: None, log: Log) -> None:
    audit_plugin.record("photo.approved", author, idempotency_key="k")
    with pytest.raises(EventError, match="another event"):
        audit_plugin.record("photo.denied", author, idempotency_key="k")
    assert len(log(channel="photos")) == 1


def test_a_record_with_a_key_of_its_own_making_is_not_saved_yet(strict: None, db: None) -> None:
    with pytest.raises(EventError, match="not been saved"):
        audit_plugin.record("photo.approved", Exotic(pk=uuid.uuid4()))


def test_a_record_that_can_t_be_named(author: Author, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Author, "__str__", lambda self: self.nothing)
    audit_plugin.record("photo.approved", author)
    (entry,) = log(channel="photos")
    assert (entry.object_id, entry.object_repr) == (str(author.pk), "")


@pytest.mark.parametrize("given", ["author", 7, None, {"pk": 7}])
def test_many_that_are_none_break_nothing(given: Any, log: Log, db: None) -> None:
    with transaction.atomic():
        Author.objects.create(name="The caller's own work")
        assert audit_plugin.record_many("photo.approved", given) == []
        audit_plugin.record_read(given)
    assert [entry.action for entry in log()] == ["create"]


def test_one_in_place_of_many_is_one(author: Author, log: Log) -> None:
    assert len(audit_plugin.record_many("photo.approved", author)) == 1  # type: ignore[arg-type]


def test_a_block_that_is_given_wrongly_loses_nothing(author: Author, log: Log) -> None:
    with audit_plugin.recording("photo.approved", "photo 7", related=7, details=["x"]) as event:  # type: ignore[arg-type]
        author.name = "The caller's own work"
        author.save()
        event.related = event.details = None  # type: ignore[assignment]
    (entry,) = log(channel="photos")
    assert (entry.object_repr, set(entry.details)) == ("photo 7", {"_event"})


def test_a_decorator_whose_record_can_t_be_told(author: Author, log: Log, settings: Any) -> None:
    @audit_plugin.recording("photo.approved", attrgetter("nothing"))
    def approve(author: Author) -> str:
        author.save()
        return "done"

    assert approve(author) == "done"
    (entry,) = log(channel="photos")
    assert entry.object_id == ""
    settings.AUDIT_STRICT_EVENTS = True
    with pytest.raises(EventError, match="can't be told"):
        approve(author)


def test_a_reference_as_people_write_it(author: Author, log: Log) -> None:
    audit_plugin.record("photo.approved", audit_plugin.Reference("testapp.Author", author.pk))  # type: ignore[arg-type]
    audit_plugin.record("photo.approved", Author)
    audit_plugin.record("photo.approved", audit_plugin.Reference("testapp.author\x00", "7\x00\ud800"))
    assert [(entry.model, entry.object_id) for entry in log(channel="photos")] == [
        ("testapp.author", str(author.pk)),
        ("testapp.author", ""),
        ("testapp.author\ufffd", "7\ufffd?"),
    ]


def test_debug_is_what_makes_it_strict(settings: Any, db: None) -> None:
    settings.DEBUG = True
    with pytest.raises(EventError):
        audit_plugin.record("photo.unknown")
    settings.AUDIT_STRICT_EVENTS = False
    assert audit_plugin.record("photo.unknown")


def test_an_undeclared_block_does_nothing_in_development(author: Author, strict: None, log: Log) -> None:
    with pytest.raises(EventError), audit_plugin.recording("photo.unknown", author):
        author.delete()
    assert log(action="delete") == []
