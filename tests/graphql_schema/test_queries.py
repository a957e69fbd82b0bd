"""What can be asked, and what is answered."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import audit_plugin
from audit_plugin.display import describe
from audit_plugin.models import Entry
from sample_project.people.models import Tag
from tests.graphql_schema.conftest import Api, post
from tests.graphql_schema.engines import ENGINES, EXPECTED
from tests.testapp.models import Author

PAGE = """
query ($filter: AuditEntryFilter, $order: AuditOrder! = NEWEST, $first: Int, $after: String, $last: Int, $before: String) {
  auditEntries(filter: $filter, order: $order, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { objectRepr } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
TAGS = {"model": "people.tag"}


def names(page: Any) -> list[str]:
    return [edge["node"]["objectRepr"] for edge in page["edges"]]


def test_lane_has_the_engines_it_says() -> None:
    assert ENGINES == EXPECTED


def test_pages_forwards_and_backwards(admin: User, tags: list[Tag]) -> None:
    api = Api(admin)
    first = api.data(PAGE, filter=TAGS, first=2)
    assert names(first) == ["Tag 4", "Tag 3"]
    assert first["pageInfo"]["hasNextPage"] and not first["pageInfo"]["hasPreviousPage"]
    second = api.data(PAGE, filter=TAGS, first=2, after=first["pageInfo"]["endCursor"])
    assert names(second) == ["Tag 2", "Tag 1"]
    third = api.data(PAGE, filter=TAGS, first=2, after=second["edges"][-1]["cursor"])
    assert names(third) == ["Tag 0"]
    assert not third["pageInfo"]["hasNextPage"] and third["pageInfo"]["hasPreviousPage"]
    back = api.data(PAGE, filter=TAGS, last=2, before=third["pageInfo"]["startCursor"])
    assert names(back) == names(second)


def test_last_is_the_end_of_the_list(admin: User, tags: list[Tag]) -> None:
    end = Api(admin).data(PAGE, filter=TAGS, last=2)
    assert names(end) == ["Tag 1", "Tag 0"]
    assert end["pageInfo"]["hasPreviousPage"] and not end["pageInfo"]["hasNextPage"]


def test_oldest_first(admin: User, tags: list[Tag]) -> None:
    page = Api(admin).data(PAGE, filter=TAGS, order="OLDEST", first=2)
    assert names(page) == ["Tag 0", "Tag 1"]


def test_pages_without_entries(admin: User) -> None:
    page = Api(admin).data(PAGE, filter={"actor": "nobody"})
    assert page == {
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


def test_fifty_unless_somebody_says_so(admin: User) -> None:
    for number in range(51):
        Tag.objects.create(name=f"Tag {number}")
    api = Api(admin)
    assert len(api.data(PAGE, filter=TAGS)["edges"]) == 50
    assert len(api.data(PAGE, filter=TAGS, first=200)["edges"]) == 51


ENTRY = """
query ($id: ID!) {
  auditEntry(id: $id) {
    id occurredAt action actionLabel badge { role label glyph } operation channel channelLabel model modelLabel objectId
    objectRepr description actor { key kind label email impersonatorKey impersonatorLabel }
    context { id source name url method ip userAgent requestId dbRole clientAddress applicationName metadata executor }
    tenant changes { field label old new masked added removed } rawChanges masked details restoredFrom
  }
}
"""
LATEST = "{ auditEntries(first: 1) { nodes { id } } }"


def test_an_entry_tells_all(admin: User, tags: list[Tag]) -> None:
    api = Api(admin)
    with audit_plugin.context(actor=admin, tenant="north", reason="a test"):
        Tag.objects.filter(pk=tags[0].pk).update(name="Renamed", colour="#123456")
    (found,) = api.data(LATEST)["nodes"]
    entry = api.data(ENTRY, **found)
    logged = Entry.objects.order_by("-id")[0]
    assert entry["id"] == found["id"]
    assert entry["occurredAt"] == logged.occurred_at.isoformat()
    assert (entry["action"], entry["operation"], entry["model"]) == ("update", "UPDATE", "people.tag")
    assert entry["badge"] == {"role": "update", "label": "Updated", "glyph": "~"}
    assert entry["actor"]["key"] == str(admin.pk)
    assert entry["actor"]["kind"] == "USER"
    assert entry["tenant"] == "north"
    assert entry["context"]["metadata"] == {"reason": "a test"}
    assert entry["rawChanges"] == logged.changes
    changed = {change["field"]: (change["old"], change["new"]) for change in entry["changes"]}
    assert changed["name"] == ("Tag 0", "Renamed")
    assert entry["description"] == describe(logged)


def test_masked_values_stay_masked(admin: User) -> None:
    Author.objects.create(name="Zoë", api_token="hush")
    api = Api(admin)
    query = '{ auditEntries(filter: {model: "testapp.author"}) { nodes { masked changes { field old new masked } rawChanges } } }'
    (entry,) = api.data(query)["nodes"]
    assert entry["masked"] == ["api_token"]
    assert {"field": "api_token", "old": None, "new": None, "masked": True} in entry["changes"]
    assert "hush" not in str(entry)


def test_history_of_a_record_and_the_record_as_it_was(admin: User, tags: list[Tag]) -> None:
    record = {"model": "people.Tag", "objectId": str(tags[0].pk)}
    before = timezone.now()
    # Moments are told apart by their millisecond.
    time.sleep(0.005)
    Tag.objects.filter(pk=tags[0].pk).update(name="Second")
    tags[0].delete()
    api = Api(admin)
    history = api.data(
        "query ($model: String!, $objectId: String!) {"
        " auditRecordHistory(model: $model, objectId: $objectId) { nodes { id action } count { value capped } } }",
        **record,
    )
    assert [node["action"] for node in history["nodes"]] == ["delete", "update", "create"]
    assert history["count"] == {"value": 3, "capped": False}
    state = (
        "query ($model: String!, $objectId: String!, $at: DateTime, $entry: ID) {"
        " auditRecordAsOf(model: $model, objectId: $objectId, at: $at, entry: $entry)"
        " { exists known values links masked entry { action actor { label } } } }"
    )
    first = api.data(state, **record, at=before.isoformat())
    assert (first["exists"], first["values"]["name"], first["entry"]["action"]) == (True, "Tag 0", "create")
    second = api.data(state, **record, entry=history["nodes"][1]["id"])
    assert (second["exists"], second["values"]["name"]) == (True, "Second")
    gone = api.data(state, **record, at=(timezone.now() + timedelta(days=1)).isoformat())
    assert (gone["exists"], gone["values"]["name"]) == (False, "Second")
    assert api.data(state, model="people.tag", objectId="4711", at=before.isoformat()) is None


def test_what_else_happened_in_the_request(admin: User, tags: list[Tag]) -> None:
    with audit_plugin.context(request_id="abc"):
        Tag.objects.create(name="One")
        Tag.objects.create(name="Two")
    api = Api(admin)
    entries = api.data('{ auditEntries(filter: {requestId: "abc"}) { nodes { id context { id } } } }')[
        "nodes"
    ]
    assert len(entries) == 2
    related = "query ($id: ID!) { auditRelatedEntries(id: $id) { nodes { objectRepr } } }"
    assert api.data(related, id=entries[0]["id"])["nodes"] == [{"objectRepr": "One"}, {"objectRepr": "Two"}]
    by_context = api.data(
        "query ($id: ID!) { auditEntryCount(filter: {context: $id}) { value } }",
        id=entries[0]["context"]["id"],
    )
    assert by_context == {"value": 2}


def test_choices_spread_and_count(admin: User, tags: list[Tag]) -> None:
    api = Api(admin)
    facets = api.data("{ auditFacets { models { value label detail } actions { value label } complete } }")
    assert {"value": "people.tag", "label": "Tag", "detail": ""} in facets["models"]
    assert {"value": "create", "label": "Created"} in facets["actions"]
    spread = api.data(
        '{ auditHistogram(filter: {model: "people.tag", period: LAST_24_HOURS}, bars: 30)'
        " { bars { start end count } approximate truncated } }"
    )
    assert sum(bar["count"] for bar in spread["bars"]) == 5
    assert len(spread["bars"]) <= 30
    assert api.data('{ auditEntryCount(filter: {model: "people.tag"}) { value capped } }') == {
        "value": 5,
        "capped": False,
    }


@pytest.mark.parametrize(
    "given",
    [
        {"action": "create", "model": "people.tag"},
        {"model": "PEOPLE.TAG"},
        {"channel": "data", "model": "people.tag"},
        {"since": "2020-01-01T00:00:00Z", "model": "people.tag"},
        {"until": "2999-01-01T00:00:00+02:00", "model": "people.tag"},
        {"since": "0001-01-01T00:00:00", "until": "9999-12-31T23:59:59", "model": "people.tag"},
        {"search": "Tag", "model": "people.tag"},
    ],
)
def test_filters(admin: User, tags: list[Tag], given: Any) -> None:
    assert len(Api(admin).data(PAGE, filter=given)["edges"]) == 5


def test_a_page_takes_the_same_few_queries_however_many_entries(admin: User, engine: str) -> None:
    for number in range(51):
        with audit_plugin.context(actor=f"somebody {number}"):
            Tag.objects.create(name=f"Tag {number}")
    api = Api(admin)
    query = "query ($n: Int) { auditEntries(first: $n) { nodes { description actor { label } changes { field old new } } } }"
    counts = []
    for size in (1, 50):
        with CaptureQueriesContext(connection) as captured:
            answer = post(api.client, engine, query, {"n": size}).json()
        assert len(answer["data"]["auditEntries"]["nodes"]) == size
        counts.append(sum("audit_plugin_" in found["sql"] for found in captured))
    assert counts == [2, 2]


def test_count_is_looked_up_only_if_asked_for(admin: User, tags: list[Tag], engine: str) -> None:
    api = Api(admin)
    with CaptureQueriesContext(connection) as captured:
        post(api.client, engine, PAGE, {"first": 2})
    assert not any("count" in found["sql"].lower() for found in captured)
