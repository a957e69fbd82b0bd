"""Events that clients record, where the host lets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

import audit_plugin
from audit_plugin.models import Entry
from graphql_schema.ids import Kind, encode_id
from sample_project.people.models import Tag
from tests.graphql_schema.conftest import Api, post

RECORD = "mutation ($event: AuditEventInput!) { auditRecordEvent(event: $event) }"


@pytest.fixture(autouse=True)
def _opened(settings: Any) -> None:
    settings.AUDIT_ACTIONS = {"tag.approved": {"channel": "tags", "label": "Tag approved"}}
    settings.AUDIT_GRAPHQL_EVENTS = {"tag.approved": "people.change_tag"}


@pytest.fixture
def approver(viewer: User) -> User:
    """Somebody who may record that a tag was approved."""
    viewer.user_permissions.add(
        Permission.objects.get(codename="change_tag", content_type__app_label="people")
    )
    return viewer


def test_an_event_about_a_record(approver: User, tags: list[Tag], engine: str) -> None:
    event = {
        "action": "tag.approved",
        "model": "people.tag",
        "objectId": str(tags[0].pk),
        "reason": "well named",
        "details": {"points": 3},
    }
    answer = post(Api(approver).client, engine, RECORD, {"event": event}).json()
    entry = Entry.objects.select_related("context").get(action="tag.approved")
    assert answer == {"data": {"auditRecordEvent": encode_id(Kind.ENTRY, entry.pk)}}
    assert (entry.channel, entry.model, entry.object_id, entry.object_repr) == (
        "tags", "people.tag", str(tags[0].pk), "Tag 0",
    )  # fmt: skip
    assert entry.details == {"points": 3, "reason": "well named"}
    assert (entry.actor_id, entry.context.source) == (str(approver.pk), "graphql")


def test_the_same_event_sent_again_is_one(approver: User, engine: str) -> None:
    client = Api(approver).client
    event = {"action": "tag.approved", "idempotencyKey": "k1"}
    first, second = (post(client, engine, RECORD, {"event": event}).json() for _ in range(2))
    assert first == second
    assert Entry.objects.filter(action="tag.approved").count() == 1


def test_only_actions_that_are_open_and_only_for_who_may(approver: User, admin: User) -> None:
    api = Api(approver)
    assert api.code(RECORD, event={"action": "tag.rejected"}) == "FORBIDDEN"
    assert api.code(RECORD, event={"action": "auth.login"}) == "FORBIDDEN"
    assert (
        Api(User.objects.create_user("nobody")).code(RECORD, event={"action": "tag.approved"}) == "FORBIDDEN"
    )
    assert Api(None).code(RECORD, event={"action": "tag.approved"}) == "UNAUTHENTICATED"
    assert not Entry.objects.filter(action__contains=".").exclude(channel="auth").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "people.tag"},
        {"objectId": "1"},
        {"model": "people.tag", "objectId": "0"},
        {"model": "people.tag", "objectId": "no key"},
        {"model": "no.such", "objectId": "1"},
        {"model": "nonsense", "objectId": "1"},
        {"details": ["no object"]},
        {"details": {"reason": "elsewhere"}},
        {"reason": "x" * 501},
    ],
)
def test_events_that_make_no_sense(approver: User, wrong: Any) -> None:
    assert Api(approver).code(RECORD, event={"action": "tag.approved", **wrong}) == "BAD_USER_INPUT"


def test_a_user_of_the_hosts_own_making_is_the_actor(approver: User, settings: Any, engine: str) -> None:
    settings.AUDIT_GRAPHQL_USER = lambda request: approver
    answer = post(Api(None).client, engine, RECORD, {"event": {"action": "tag.approved"}}).json()
    assert "errors" not in answer
    assert Entry.objects.get(action="tag.approved").actor_id == str(approver.pk)


INSIDE = """
query ($filter: AuditEntryFilter) {
  auditEntries(filter: $filter, order: OLDEST) {
    edges { node { action eventId partOf related { model objectId } } }
  }
}
"""


def test_changes_and_further_records_of_an_event(admin: User, tags: list[Tag]) -> None:
    with audit_plugin.recording("tag.approved", tags[0], related=[tags[1]]):
        tags[0].colour = "#00ff00"
        tags[0].save()
    api = Api(admin)

    def found(**given: str) -> Any:
        return [edge["node"] for edge in api.data(INSIDE, filter=given)["edges"]]

    (event,) = found(action="tag.approved")
    assert event["related"] == [{"model": "people.tag", "objectId": str(tags[1].pk)}]
    change, again = found(event=event["eventId"])
    assert again == event and event["partOf"] is None
    assert (change["action"], change["partOf"], change["eventId"]) == ("update", event["eventId"], None)
    assert [entry["action"] for entry in found(related=f"people.Tag:{tags[1].pk}")] == [
        "create",
        "tag.approved",
    ]
