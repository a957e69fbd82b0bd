"""Restores: previewed, carried out, refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

import audit_plugin
from audit_plugin.context.ids import uuid7
from audit_plugin.models import Entry
from graphql_schema.ids import Kind, encode_id
from graphql_schema.types.values import plain
from tests.graphql_schema.conftest import Api, post
from tests.testapp.models import Author, Book

SOME = UUID("019a0000-0000-7000-8000-000000000000")
PLAN = """
fragment Plan on AuditRestorePlan {
  token isClean isEmpty stepCount cleanCount conflictCount
  steps {
    model modelLabel objectId objectRepr operation source field added removed conflict
    fields { field label now becomes conflict }
  }
  conflicts { id code message model objectId field choices resolution entry details }
  notes { code message model field }
  touched { model effect count }
}
"""
PREVIEW = (
    """
mutation ($ask: AuditRestoreAsk!, $resolutions: [AuditResolution!]) {
  auditPreviewRestore(ask: $ask, resolutions: $resolutions) {
    __typename ...Plan ... on AuditRestoreRefused { code message }
  }
}
"""
    + PLAN
)
RESTORE = (
    """
mutation ($ask: AuditRestoreAsk!, $token: String, $resolutions: [AuditResolution!], $reason: String, $partial: Boolean! = false) {
  auditRestore(ask: $ask, token: $token, resolutions: $resolutions, reason: $reason, partial: $partial) {
    __typename
    ... on AuditRestoreDone { count entries plan { ...Plan } }
    ... on AuditRestoreConflict { code message plan { ...Plan } }
    ... on AuditRestoreRefused { code message }
  }
}
"""
    + PLAN
)


@pytest.fixture
def book(db: None) -> Book:
    """A book whose title was changed."""
    book = Book.objects.create(title="Dune", isbn="1", price="9.90")
    Book.objects.filter(pk=book.pk).update(title="Dune Messiah")
    return book


def key_of(**filters: Any) -> str:
    return encode_id(Kind.ENTRY, Entry.objects.filter(**filters).order_by("-id")[0].pk)


def ask(api: Api, engine: str, query: str, **variables: Any) -> Any:
    answer = post(api.client, engine, query, variables).json()
    assert "errors" not in answer, answer
    (value,) = answer["data"].values()
    return value


def test_preview_then_restore(admin: User, book: Book, engine: str) -> None:
    api = Api(admin)
    source = key_of(model="testapp.book")
    undo = {"undo": {"entry": source}}
    plan = ask(api, engine, PREVIEW, ask=undo)
    assert plan["__typename"] == "AuditRestorePlan"
    assert plan["isClean"] and not plan["isEmpty"]
    (step,) = plan["steps"]
    assert (step["model"], step["objectId"], step["operation"], step["source"]) == (
        "testapp.book", str(book.pk), "UPDATE", source,
    )  # fmt: skip
    assert step["fields"] == [
        {"field": "title", "label": "title", "now": "Dune Messiah", "becomes": "Dune", "conflict": None}
    ]
    assert plan["touched"] == [{"model": "testapp.book", "effect": "UPDATE", "count": 1}]
    book.refresh_from_db()
    assert book.title == "Dune Messiah"

    done = ask(api, engine, RESTORE, ask=undo, token=plan["token"], reason="typo")
    assert (done["__typename"], done["count"]) == ("AuditRestoreDone", 1)
    book.refresh_from_db()
    assert book.title == "Dune"
    entry = Entry.objects.select_related("context").order_by("-id")[0]
    assert done["entries"] == [encode_id(Kind.ENTRY, entry.pk)]
    assert (entry.action, entry.actor_id, entry.context.source) == ("restore", str(admin.pk), "graphql")
    assert entry.context.metadata == {"reason": "typo"}


def test_conflict_comes_with_the_plan_and_can_be_resolved(admin: User, book: Book, engine: str) -> None:
    api = Api(admin)
    undo = {"undo": {"entry": key_of(model="testapp.book")}}
    Book.objects.filter(pk=book.pk).update(title="Children of Dune")
    found = ask(api, engine, RESTORE, ask=undo)
    assert (found["__typename"], found["code"]) == ("AuditRestoreConflict", "conflicts")
    (conflict,) = found["plan"]["conflicts"]
    assert (conflict["code"], conflict["field"], conflict["resolution"]) == ("changed_since", "title", None)
    assert "OVERWRITE" in conflict["choices"]
    resolutions = [{"conflict": conflict["id"], "choice": "OVERWRITE"}]
    plan = ask(api, engine, PREVIEW, ask=undo, resolutions=resolutions)
    assert plan["conflicts"][0]["resolution"] == "OVERWRITE"
    done = ask(api, engine, RESTORE, ask=undo, token=plan["token"], resolutions=resolutions)
    assert done["__typename"] == "AuditRestoreDone"
    book.refresh_from_db()
    assert book.title == "Dune"


def test_what_changed_since_the_preview_is_not_overwritten(admin: User, book: Book, engine: str) -> None:
    api = Api(admin)
    undo = {"undo": {"entry": key_of(model="testapp.book")}}
    plan = ask(api, engine, PREVIEW, ask=undo)
    Book.objects.filter(pk=book.pk).update(title="Heretics of Dune")
    found = ask(api, engine, RESTORE, ask=undo, token=plan["token"])
    assert (found["__typename"], found["code"]) == ("AuditRestoreConflict", "stale")
    assert found["plan"]["token"] != plan["token"]
    book.refresh_from_db()
    assert book.title == "Heretics of Dune"


def test_ways_of_asking(admin: User, engine: str) -> None:
    api = Api(admin)
    with audit_plugin.context(request_id="r1"):
        author = Author.objects.create(name="Ursula")
    created = key_of(model="testapp.author")
    moment = timezone.now()
    with audit_plugin.context(request_id="r2"):
        Author.objects.filter(pk=author.pk).update(name="Ursula K.")
    updated = key_of(model="testapp.author")
    context = encode_id(Kind.CONTEXT, Entry.objects.order_by("-id")[0].context_id)
    record = {"model": "testapp.author", "objectId": str(author.pk)}
    for given in (
        {"undo": {"entry": updated}},
        {"version": {"entry": created}},
        {"version": {"entry": updated, "before": True}},
        {"asOf": {**record, "at": moment.isoformat()}},
        {"request": "r2"},
        {"context": context},
        {"entries": [updated]},
    ):
        plan = ask(api, engine, PREVIEW, ask=given)
        assert [field["becomes"] for field in plan["steps"][0]["fields"]] == ["Ursula"], given
    author.delete()
    plan = ask(api, engine, PREVIEW, ask={"deleted": record})
    assert plan["steps"][0]["operation"] == "INSERT"


@pytest.mark.parametrize(
    "given",
    [{}, {"request": "x", "entries": []}, {"entries": []}, {"entries": ["x"]}, {"undo": {"entry": "x"}}],
)
def test_asks_that_make_no_sense(admin: User, given: Any) -> None:
    assert Api(admin).code(PREVIEW, ask=given) in ("BAD_USER_INPUT", "INVALID_ID")
    assert Api(admin).code(RESTORE, ask=given) in ("BAD_USER_INPUT", "INVALID_ID")


def test_too_many_entries(admin: User) -> None:
    assert Api(admin).code(PREVIEW, ask={"entries": [encode_id(Kind.ENTRY, SOME)] * 201}) == "BAD_USER_INPUT"


def test_refusals_have_a_code(admin: User) -> None:
    api = Api(admin)
    missing = {"undo": {"entry": encode_id(Kind.ENTRY, uuid7())}}
    for query in (PREVIEW, RESTORE):
        found = api.data(query, ask=missing)
        assert found == {
            "__typename": "AuditRestoreRefused",
            "code": "not_found",
            "message": "There is no such entry in the audit log.",
        }
    future = (timezone.now() - timedelta(days=9000)).isoformat()
    author = Author.objects.create(name="Ursula")
    ask_early = {"asOf": {"model": "testapp.author", "objectId": str(author.pk), "at": future}}
    assert api.data(PREVIEW, ask=ask_early)["code"] == "not_yet"


def test_rights_on_the_record_come_on_top(viewer: User, book: Book, engine: str) -> None:
    viewer.user_permissions.add(
        *Permission.objects.filter(codename__in=["restore_entry", "view_book"]),
    )
    api = Api(viewer)
    found = ask(api, engine, RESTORE, ask={"undo": {"entry": key_of(model="testapp.book")}})
    assert found["__typename"] == "AuditRestoreConflict"
    assert [conflict["code"] for conflict in found["plan"]["conflicts"]] == ["no_permission"]
    book.refresh_from_db()
    assert book.title == "Dune Messiah"


def test_nothing_is_restored_that_one_may_not_see(viewer: User, book: Book, engine: str) -> None:
    viewer.user_permissions.add(Permission.objects.get(codename="restore_entry"))
    found = ask(Api(viewer), engine, PREVIEW, ask={"undo": {"entry": key_of(model="testapp.book")}})
    assert found["__typename"] == "AuditRestoreRefused"
    assert found["code"] in ("no_permission", "not_found")


def test_every_digit_survives() -> None:
    assert plain(Decimal("9.90")) == 9.9
    assert plain(Decimal("0.1234567890123456789")) == "0.1234567890123456789"
    assert plain({"a": (Decimal("1E+400"), {1})}) == {"a": ["1E+400", [1]]}
