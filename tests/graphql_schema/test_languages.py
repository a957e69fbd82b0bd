"""Texts for people are in the language of the request, whichever engine answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.graphql_schema.conftest import post

COUNT = "query ($filter: AuditEntryFilter) { auditEntryCount(filter: $filter) { value } }"
PAGE = "query ($first: Int) { auditEntries(first: $first) { nodes { id } } }"
ENTRY = "query ($id: ID!) { auditEntry(id: $id) { id } }"
EXPORT = "mutation { auditRequestExport(format: XLSX) { id } }"
RESTORE = 'mutation { auditRestore(ask: {request: "x"}) { ... on AuditRestoreRefused { code message } } }'
DEEP = "{ auditEntries { edges { node { " + "related { " * 20 + "name" + " }" * 24


def told(user: User | None, engine: str, query: str, language: str = "de", **variables: Any) -> Any:
    """Return the only error somebody gets."""
    client = Client(headers={"accept-language": language})
    if user is not None:
        client.force_login(user)
    [error] = post(client, engine, query, variables).json()["errors"]
    return error


@pytest.mark.parametrize(
    ("query", "variables", "text"),
    [
        (PAGE, {"first": 1000}, "first: Geben Sie eine Zahl von 1 bis 200 an."),
        (ENTRY, {"id": "forged"}, "Das ist keine ID."),
        (COUNT, {"filter": {"model": "auth.user"}}, "Sie dürfen keine Einträge von auth.user sehen."),
        (COUNT, {"filter": {"extra": 1}}, 'extra: Schreiben Sie es als {"Name": "Wert"}.'),
        (EXPORT, {}, "Sie dürfen das Audit-Log nicht exportieren."),
        (RESTORE, {}, "Sie dürfen aus dem Audit-Log nicht wiederherstellen."),
        (DEEP, {}, "Diese Anfrage ist zu tief geschachtelt: höchstens 12 Ebenen."),
        ("subscription { auditFeed { cursor } }", {}, "Ein Abonnement (subscription) muss mit dem Header "
         "Accept: text/event-stream angefragt werden."),
    ],
)  # fmt: skip
def test_an_error(viewer: User, engine: str, query: str, variables: Any, text: str) -> None:
    assert told(viewer, engine, query, **variables)["message"] == text
    assert told(viewer, engine, query, "en", **variables)["message"] != text


def test_fields_that_are_wrong(viewer: User, engine: str) -> None:
    error = told(viewer, engine, PAGE, first=0)
    assert error["extensions"]["fields"] == {"first": "Geben Sie eine Zahl von 1 bis 200 an."}


def test_somebody_who_is_not_signed_in(db: None, engine: str) -> None:
    error = told(None, engine, PAGE)
    assert error["message"] == "Melden Sie sich an, um das Audit-Log zu sehen."


def test_a_language_we_do_not_have_is_english(viewer: User, engine: str) -> None:
    assert told(viewer, engine, ENTRY, "xx", id="forged")["message"] == "This is not an ID."


def test_what_cannot_be_read_as_a_request(viewer: User, engine: str) -> None:
    client = Client(headers={"accept-language": "de"})
    answer = client.post(f"/{engine}/", "{", content_type="application/json").json()
    assert [error["message"] for error in answer["errors"]] == ["Das ist kein JSON."]


def test_a_restore_that_is_refused(admin: User, engine: str) -> None:
    client = Client(headers={"accept-language": "de"})
    client.force_login(admin)
    found = post(client, engine, RESTORE, {}).json()["data"]["auditRestore"]
    assert found == {"code": "not_found", "message": "Das Log hat nichts von dieser Anfrage."}


def test_the_explorer(admin: User, engine: str) -> None:
    client = Client(headers={"accept-language": "de", "accept": "text/html"})
    client.force_login(admin)
    page = client.get(f"/{engine}/").content.decode()
    assert "API des Audit-Logs" in page and "Neueste Einträge" in page
    assert "Newest entries" not in page
