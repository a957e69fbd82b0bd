"""Exports: an address that is good for minutes, and what becomes of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from audit_plugin.models import Entry
from graphql_schema import exports
from graphql_schema.exports import SignedExport
from sample_project.people.models import Tag
from tests.graphql_schema.conftest import Api, post

REQUEST = """
mutation ($filter: AuditEntryFilter, $format: AuditExportFormat! = CSV, $columns: [String!], $dates: String) {
  auditRequestExport(filter: $filter, format: $format, columns: $columns, dates: $dates) {
    id url expiresAt format filename state exported reason count { value capped }
  }
}
"""
STATE = "query ($id: ID!) { auditExport(id: $id) { state exported reason } }"
TAGS = {"model": "people.tag"}


def requested(api: Api, engine: str, **variables: Any) -> Any:
    answer = post(api.client, engine, REQUEST, variables).json()
    assert "errors" not in answer, answer
    return answer["data"]["auditRequestExport"]


def fetched(client: Client, url: str) -> tuple[int, bytes]:
    response = client.get(url)
    return response.status_code, b"".join(response) if response.streaming else response.content


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a way to let time pass."""

    def wait(**given: float) -> None:
        moment = timezone.now() + timedelta(**given)
        monkeypatch.setattr(exports.timezone, "now", lambda: moment)

    yield wait


def test_request_fetch_and_look_back(admin: User, tags: list[Tag], engine: str) -> None:
    api = Api(admin)
    export = requested(api, engine, filter=TAGS, columns=["subject_name", "event"])
    assert (export["format"], export["state"], export["exported"]) == ("CSV", "REQUESTED", None)
    assert export["count"] == {"value": 5, "capped": False}
    assert export["filename"].endswith(".csv")
    status, content = fetched(api.client, export["url"])
    assert status == 200
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 6 and len(rows[0]) == 2
    assert api.data(STATE, id=export["id"]) == {"state": "DONE", "exported": 5, "reason": None}
    logged = Entry.objects.select_related("context").get(action="audit.exported")
    assert logged.actor_id == str(admin.pk)
    # The signed address is a secret, so the log doesn't hold it.
    assert export["id"] not in str(logged.context.url)


def test_who_has_the_address_needs_no_cookie(admin: User, tags: list[Tag], engine: str) -> None:
    export = requested(Api(admin), engine, filter=TAGS, format="NDJSON")
    status, content = fetched(Client(), export["url"])
    assert status == 200 and len(content.splitlines()) == 5
    assert Entry.objects.get(action="audit.exported").actor_id == str(admin.pk)


def test_state_while_it_runs_and_when_it_ends_early(admin: User, tags: list[Tag], engine: str) -> None:
    api = Api(admin)
    export = requested(api, engine, filter=TAGS)
    response: Any = Client().get(export["url"])
    assert api.data(STATE, id=export["id"])["state"] == "RUNNING"
    # As the server does when the client has gone.
    response.stream.close()
    assert api.data(STATE, id=export["id"]) == {"state": "FAILED", "exported": 0, "reason": "closed"}


def test_addresses_expire(admin: User, tags: list[Tag], later: Any, engine: str) -> None:
    api = Api(admin)
    export = requested(api, engine)
    later(seconds=299)
    assert api.data(STATE, id=export["id"])["state"] == "REQUESTED"
    later(seconds=301)
    assert fetched(api.client, export["url"])[0] == 410
    assert api.data(STATE, id=export["id"])["state"] == "EXPIRED"
    assert not Entry.objects.filter(channel="audit").exists()


def test_edited_addresses_are_none(admin: User, tags: list[Tag], engine: str) -> None:
    api = Api(admin)
    export = requested(api, engine, filter=TAGS)
    token = export["id"]
    for edited in (
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        "x" + token[1:],
        "x",
        "x" * 5000,
        token + "=",
    ):
        url = export["url"].replace(token, edited)
        assert fetched(api.client, url)[0] == 404
        assert api.code(STATE, id=edited) == "INVALID_ID"
    assert not Entry.objects.filter(channel="audit").exists()


def test_signatures_of_others_are_none(admin: User) -> None:
    from django.core import signing

    forged = signing.dumps({"id": str(admin.pk), "user": str(admin.pk)}, salt="something else")
    assert fetched(Client(), f"/graphql/export/{forged}/")[0] == 404


def test_rights_are_those_of_when_it_is_fetched(viewer: User, engine: str) -> None:
    Tag.objects.create(name="Seen")
    viewer.user_permissions.add(Permission.objects.get(codename="export_entry"))
    export = requested(Api(viewer), engine)
    viewer.user_permissions.remove(Permission.objects.get(codename="export_entry"))
    assert fetched(Client(), export["url"])[0] == 403
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert fetched(Client(), export["url"])[0] == 403
    viewer.delete()
    assert fetched(Client(), export["url"])[0] == 403


def test_somebody_elses_address(admin: User, viewer: User, engine: str) -> None:
    export = requested(Api(admin), engine)
    assert fetched(Api(viewer).client, export["url"])[0] == 403
    viewer.user_permissions.add(Permission.objects.get(codename="export_entry"))
    assert Api(viewer).data(STATE, id=export["id"]) is None


def test_only_what_one_sees_is_exported(viewer: User, engine: str) -> None:
    Tag.objects.create(name="Seen")
    User.objects.create_user("unseen")
    viewer.user_permissions.add(Permission.objects.get(codename="export_entry"))
    export = requested(Api(viewer), engine, format="NDJSON")
    content = fetched(Client(), export["url"])[1].decode()
    assert "Seen" in content and "unseen" not in content


@pytest.mark.parametrize(
    "variables", [{"columns": ["nothing"]}, {"columns": ["event", "event"]}, {"dates": "martian"}]
)
def test_what_can_not_be_exported_is_refused_at_once(admin: User, variables: Any) -> None:
    assert Api(admin).code(REQUEST, **variables) == "BAD_USER_INPUT"


def test_addresses_are_read_with_get_only(admin: User) -> None:
    assert Client().post("/graphql/export/x/").status_code == 405
    assert Client().head("/graphql/export/x/").status_code == 405


def test_signed_exports_name_their_user(admin: User) -> None:
    from audit_plugin.filters import EntryFilter

    made = SignedExport.sign(admin, EntryFilter(), format="csv", columns=None, dates=None)
    assert SignedExport.read(made.id).user == admin
