"""What can be done with the audit log, through a gateway that stitches and through one that federates."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.contrib.auth.models import Permission, User

from audit_plugin.context.ids import uuid7
from audit_plugin.models import Entry
from graphql_schema.ids import Kind, encode_id
from tests.graphql_schema.gateway.conftest import FEDERATION, HERE, ask, without_place
from tests.graphql_schema.node import needs_packages
from tests.servers import Server
from tests.testapp.models import Author

pytestmark = [pytest.mark.django_db(transaction=True), needs_packages(HERE), needs_packages(FEDERATION)]

PREVIEW = """mutation ($ask: AuditRestoreAsk!, $resolutions: [AuditResolution!]) {
  auditPreviewRestore(ask: $ask, resolutions: $resolutions) {
    __typename
    ... on AuditRestorePlan {
      token isClean steps { operation fields { field now becomes } } conflicts { id code choices resolution }
    }
    ... on AuditRestoreRefused { code message }
  }
}"""
RESTORE = """mutation ($ask: AuditRestoreAsk!, $token: String, $resolutions: [AuditResolution!], $reason: String) {
  auditRestore(ask: $ask, token: $token, resolutions: $resolutions, reason: $reason) {
    __typename
    ... on AuditRestoreDone { count entries }
    ... on AuditRestoreConflict { code plan { conflicts { id code choices } } }
    ... on AuditRestoreRefused { code message }
  }
}"""
EXPORT = """mutation ($filter: AuditEntryFilter, $format: AuditExportFormat! = CSV) {
  auditRequestExport(filter: $filter, format: $format) { id url format state count { value capped } }
}"""
RECORD = 'mutation { auditRecordEvent(event: {action: "desk.noted"}) }'

FORGED = {"ask": {"undo": {"entry": "forged"}}}
BACKWARDS = {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    (PREVIEW, FORGED, "INVALID_ID"),
    (RESTORE, FORGED, "INVALID_ID"),
    (RESTORE, {"ask": {}}, "BAD_USER_INPUT"),
    (EXPORT, {"filter": BACKWARDS}, "BAD_USER_INPUT"),
    (EXPORT, {"filter": {"model": "testapp.tag"}}, "FORBIDDEN"),
    (RECORD, {}, "FORBIDDEN"),
]


@pytest.fixture(params=["stitching", "federating"])
def gateway(request: pytest.FixtureRequest) -> Server:
    """Each gateway."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def restorer(viewer: User) -> User:
    """The viewer, who may also change authors, restore and export."""
    viewer.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["restore_entry", "export_entry", "change_author"],
            content_type__app_label__in=["audit_plugin", "testapp"],
        )
    )
    return viewer


@pytest.fixture
def author(restorer: User) -> Author:
    """An author who was renamed."""
    author = Author.objects.create(name="Ann")
    rename(author, "Anne")
    return author


def rename(author: Author, name: str) -> None:
    author.name = name
    author.save()


def undo(author: Author) -> dict[str, Any]:
    """Return what takes the last change of an author back."""
    entry = Entry.objects.filter(model="testapp.author", object_id=str(author.pk)).order_by("-id")[0]
    return {"undo": {"entry": encode_id(Kind.ENTRY, entry.pk)}}


def done(answer: Any) -> Any:
    assert "errors" not in answer, answer
    (value,) = answer["data"].values()
    return value


def test_a_restore_is_previewed_and_carried_out(
    gateway: Server, author: Author, restorer: User, cookies: dict[str, str]
) -> None:
    plan = done(ask(gateway, cookies, PREVIEW, ask=undo(author)))
    assert (plan["__typename"], plan["isClean"]) == ("AuditRestorePlan", True)
    assert plan["steps"] == [
        {"operation": "UPDATE", "fields": [{"field": "name", "now": "Anne", "becomes": "Ann"}]}
    ]
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Request-ID": "from-the-edge"}
    given = {"ask": undo(author), "token": plan["token"], "reason": "typo"}
    found = done(ask(gateway, cookies, RESTORE, headers=headers, **given))
    author.refresh_from_db()
    assert author.name == "Ann"
    entry = Entry.objects.filter(action="restore").get()
    assert found == {
        "__typename": "AuditRestoreDone",
        "count": 1,
        "entries": [encode_id(Kind.ENTRY, entry.pk)],
    }
    context = entry.context
    assert (context.actor_id, context.source) == (str(restorer.pk), "graphql")
    assert (context.request_id, context.ip) == ("from-the-edge", "203.0.113.9")
    assert context.metadata == {"reason": "typo"}


def test_conflicts_arrive_and_are_decided(gateway: Server, author: Author, cookies: dict[str, str]) -> None:
    wanted = undo(author)
    rename(author, "Anna")
    found = done(ask(gateway, cookies, RESTORE, ask=wanted))
    assert (found["__typename"], found["code"]) == ("AuditRestoreConflict", "conflicts")
    (conflict,) = found["plan"]["conflicts"]
    assert conflict["code"] == "changed_since" and "OVERWRITE" in conflict["choices"]
    given = {"ask": wanted, "resolutions": [{"conflict": conflict["id"], "choice": "OVERWRITE"}]}
    plan = done(ask(gateway, cookies, PREVIEW, **given))
    assert [each["resolution"] for each in plan["conflicts"]] == ["OVERWRITE"]
    rename(author, "Anja")
    stale = done(ask(gateway, cookies, RESTORE, token=plan["token"], **given))
    assert (stale["__typename"], stale["code"]) == ("AuditRestoreConflict", "stale")
    author.refresh_from_db()
    assert author.name == "Anja"


def test_refusals_are_an_answer(
    gateway: Server, server: Server, author: Author, cookies: dict[str, str]
) -> None:
    given = {"ask": {"undo": {"entry": encode_id(Kind.ENTRY, uuid7())}}}
    for query in (PREVIEW, RESTORE):
        found = done(ask(gateway, cookies, query, **given))
        assert (found["__typename"], found["code"]) == ("AuditRestoreRefused", "not_found")
        assert found == done(ask(server, cookies, query, **given))


def test_an_export_is_asked_for_and_fetched_from_the_audit_log(
    gateway: Server, server: Server, author: Author, cookies: dict[str, str]
) -> None:
    given = {"model": "testapp.author"}
    assert done(ask(gateway, cookies, EXPORT, filter=given))["format"] == "CSV"
    export = done(ask(gateway, cookies, EXPORT, filter=given, format="NDJSON"))
    assert (export["format"], export["state"]) == ("NDJSON", "REQUESTED")
    assert export["count"] == {"value": 2, "capped": False}
    file = httpx.get(f"http://127.0.0.1:{server.port}{export['url']}", timeout=60)
    assert file.status_code == 200 and len(file.text.splitlines()) == 2
    query = "query ($id: ID!) { auditExport(id: $id) { state exported } }"
    assert done(ask(gateway, cookies, query, id=export["id"])) == {"state": "DONE", "exported": 2}


def test_errors(gateway: Server, server: Server, author: Author, cookies: dict[str, str]) -> None:
    for query, variables, code in WRONG:
        [direct] = ask(server, cookies, query, **variables)["errors"]
        [passed] = ask(gateway, cookies, query, **variables)["errors"]
        assert passed["extensions"]["code"] == code, variables
        assert without_place(passed) == without_place(direct)


def test_who_may_not(gateway: Server, author: Author, restorer: User, cookies: dict[str, str]) -> None:
    rights = Permission.objects.filter(codename__in=["restore_entry", "export_entry"])
    restorer.user_permissions.remove(*rights)
    stranger = {"csrftoken": cookies["csrftoken"]}
    for query, variables in (
        (PREVIEW, {"ask": undo(author)}),
        (RESTORE, {"ask": undo(author)}),
        (EXPORT, {}),
    ):
        [error] = ask(gateway, cookies, query, **variables)["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        [error] = ask(gateway, stranger, query, **variables)["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert Author.objects.get().name == "Anne"


def test_a_forged_restore(gateway: Server, author: Author, cookies: dict[str, str]) -> None:
    for headers in ({"X-CSRFToken": ""}, {"Origin": "https://evil.example"}):
        answer = ask(gateway, cookies, RESTORE, headers=headers, ask=undo(author))
        assert answer["errors"] and not (answer["data"] or {}).get("auditRestore")
    assert Author.objects.get().name == "Anne"


def test_one_document_for_the_host_and_the_log(
    stitching: Server, restorer: User, cookies: dict[str, str]
) -> None:
    query = """mutation {
      createAuthor(name: "Ann") { name }
      auditRequestExport(filter: {model: "testapp.author"}) { count { value } }
    }"""
    assert ask(stitching, cookies, query)["data"] == {
        "createAuthor": {"name": "Ann"},
        # One after the other, as mutations are.
        "auditRequestExport": {"count": {"value": 1}},
    }


def test_a_federated_gateway_looks_up_what_another_subgraph_refers_to(
    federating: Server, author: Author, cookies: dict[str, str]
) -> None:
    query = "query ($id: ID!) { ticket(id: $id) { title entries { objectRepr changes { old new } } } }"
    key = undo(author)["undo"]["entry"]
    assert done(ask(federating, cookies, query, id=key)) == {
        "title": "Who did this?",
        "entries": [{"objectRepr": "Anne", "changes": [{"old": "Ann", "new": "Anne"}]}],
    }
    [error] = ask(federating, cookies, query, id="forged")["errors"]
    assert error["extensions"]["code"] == "INVALID_ID"
