"""Who may see what: the rule of the log on every field, and a code where somebody may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpRequest
from django.test import RequestFactory

import audit_plugin
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.visibility import Refusal
from graphql_schema import subscriptions
from graphql_schema.ids import Kind, encode_id
from graphql_schema.inputs import AuditEntryFilter
from graphql_schema.viewer import Viewer
from sample_project.people.models import Tag
from sample_project.places.models import Country
from tests.conftest import Log
from tests.graphql_schema.conftest import Api, post

SOME = "019a0000-0000-7000-8000-000000000000"
READS = [
    "{ auditEntries { nodes { id } } }",
    "{ auditEntries { count { value } } }",
    f'{{ auditEntry(id: "{encode_id(Kind.ENTRY, Entry(id=SOME)._meta.pk.to_python(SOME))}") {{ id }} }}',
    '{ auditRecordHistory(model: "people.tag", objectId: "1") { nodes { id } } }',
    '{ auditRecordAsOf(model: "people.tag", objectId: "1", at: "2026-01-01T00:00:00Z") { exists } }',
    "{ auditFacets { complete } }",
    "{ auditHistogram { truncated } }",
    "{ auditEntryCount { value } }",
]
EXPORT = "mutation { auditRequestExport { url } }"
RESTORE = 'mutation { auditRestore(ask: {request: "x"}) { __typename } }'
PREVIEW = 'mutation { auditPreviewRestore(ask: {request: "x"}) { __typename } }'


@pytest.mark.parametrize("query", [*READS, EXPORT, RESTORE, PREVIEW])
def test_nobody_without_signing_in(db: None, query: str) -> None:
    assert Api(None).code(query) == "UNAUTHENTICATED"


@pytest.mark.parametrize("query", [*READS, EXPORT, RESTORE, PREVIEW])
def test_nobody_without_the_permission(db: None, query: str) -> None:
    assert Api(User.objects.create_user("nobody")).code(query) == "FORBIDDEN"


@pytest.mark.parametrize("query", [EXPORT, RESTORE, PREVIEW])
def test_viewing_is_not_exporting_or_restoring(viewer: User, query: str) -> None:
    assert Api(viewer).code(query) == "FORBIDDEN"


def closed(request: HttpRequest) -> Refusal | None:
    return Refusal("Your plan has no audit log.", "/plans/")


@pytest.mark.parametrize("query", [*READS, EXPORT, RESTORE, PREVIEW])
def test_a_closed_gate_closes_everything(admin: User, settings: Any, query: str) -> None:
    settings.AUDIT_GATE = closed
    (error,) = Api(admin)(query)["errors"]
    assert error["message"] == "Your plan has no audit log."
    assert error["extensions"] == {"code": "CLOSED", "url": "/plans/"}


ALL = """
{
  auditEntries { nodes { model objectRepr } count { value } }
  auditEntryCount { value }
  auditFacets { models { value } actions { value } }
  auditHistogram { bars { count } }
}
"""


def test_a_model_one_may_not_view_is_nowhere(viewer: User) -> None:
    Tag.objects.create(name="Seen")
    country = Country.objects.create(code="XX", name="Hidden place")
    hidden = Entry.objects.get(model="places.country")
    api = Api(viewer)
    found = api(ALL)["data"]
    assert found["auditEntries"] == {
        "nodes": [{"model": "people.tag", "objectRepr": "Seen"}],
        "count": {"value": 1},
    }
    assert found["auditEntryCount"] == {"value": 1}
    assert found["auditFacets"]["models"] == [{"value": "people.tag"}]
    assert sum(bar["count"] for bar in found["auditHistogram"]["bars"]) == 1
    key = encode_id(Kind.ENTRY, hidden.pk)
    assert api.data("query ($id: ID!) { auditEntry(id: $id) { id } }", id=key) is None
    related = "query ($id: ID!) { auditRelatedEntries(id: $id) { nodes { id } } }"
    assert api.code(related, id=key) == "NOT_FOUND"
    for query in (
        '{ auditEntries(filter: {model: "places.country"}) { nodes { id } } }',
        '{ auditEntryCount(filter: {model: "places.country"}) { value } }',
        '{ auditHistogram(filter: {model: "places.country"}) { truncated } }',
        f'{{ auditRecordHistory(model: "places.country", objectId: "{country.pk}") {{ nodes {{ id }} }} }}',
        f'{{ auditRecordAsOf(model: "places.country", objectId: "{country.pk}", at: "2999-01-01T00:00:00Z") {{ values }} }}',
    ):
        assert api.code(query) == "FORBIDDEN"


def only_north(user: Any) -> set[str]:
    return {"north"}


def test_another_tenant_is_nowhere(admin: User, settings: Any) -> None:
    api = Api(admin)
    tags = {}
    for tenant in ("north", "south"):
        with audit_plugin.context(tenant=tenant):
            tags[tenant] = Tag.objects.create(name=f"Tag of {tenant}")
    settings.AUDIT_TENANT_SCOPE = only_north
    found = api(ALL)["data"]
    assert [node["objectRepr"] for node in found["auditEntries"]["nodes"]] == ["Tag of north"]
    assert found["auditEntries"]["count"] == found["auditEntryCount"] == {"value": 1}
    assert sum(bar["count"] for bar in found["auditHistogram"]["bars"]) == 1
    assert api.code('{ auditEntryCount(filter: {tenant: "south"}) { value } }') == "FORBIDDEN"
    as_of = 'query ($id: String!) { auditRecordAsOf(model: "people.tag", objectId: $id, at: "2999-01-01T00:00:00Z") { values } }'
    # The record as it is now would tell what the entries don't.
    assert api.data(as_of, id=str(tags["south"].pk)) is None
    assert api.data(as_of, id=str(tags["north"].pk))["values"]["name"] == "Tag of north"


def test_rights_are_looked_up_each_time(viewer: User, engine: str) -> None:
    api = Api(viewer)
    assert "errors" not in post(api.client, engine, READS[0], {}).json()
    viewer.user_permissions.remove(Permission.objects.get(codename="view_entry"))
    (error,) = post(api.client, engine, READS[0], {}).json()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


def test_an_account_that_is_switched_off(viewer: User) -> None:
    api = Api(viewer)
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert api.code(READS[0]) == "UNAUTHENTICATED"


def by_header(request: HttpRequest) -> Any:
    name = request.headers.get("X-Name")
    return User.objects.filter(username=name).first()


def test_users_of_hosts_own_making(viewer: User, settings: Any, engine: str) -> None:
    settings.AUDIT_GRAPHQL_USER = by_header
    client = Api(None).client
    answer = post(client, engine, READS[0], {}, headers={"X-Name": "vic"}).json()
    assert "errors" not in answer
    (error,) = post(client, engine, READS[0], {}, headers={"X-Name": "who"}).json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


def test_looking_is_recorded_where_the_host_wants_it(
    viewer: User, tags: list[Tag], settings: Any, log: Log
) -> None:
    Api(viewer)("{ auditEntries { nodes { id } } }")
    assert log(action="audit.viewed") == []
    settings.AUDIT_LOG_VIEWS = True
    Api(viewer)("{ auditEntries { nodes { id } } auditEntryCount { value } }")
    assert [look.actor_id for look in log(action="audit.viewed")] == [str(viewer.pk)]


def test_following_is_looking_too(viewer: User, tags: list[Tag], settings: Any, log: Log) -> None:
    settings.AUDIT_LOG_VIEWS = True
    request = RequestFactory().post("/")
    request.user = viewer
    found = subscriptions._begin(Viewer(request), AuditEntryFilter(model="people.Tag"))
    assert found == EntryFilter(model="people.tag")
    (look,) = log(action="audit.viewed")
    assert (look.actor_id, look.details) == (str(viewer.pk), {"filters": {"model": "people.tag"}})
