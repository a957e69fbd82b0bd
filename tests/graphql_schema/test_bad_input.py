"""Whatever clients send: an error with a code, and nobody's traceback in the log."""

from __future__ import annotations

import base64
import json
import logging
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from audit_plugin.events import Event, write_event
from audit_plugin.models import Entry
from graphql_schema.ids import Kind, encode_id
from sample_project.people.models import Tag
from tests.graphql_schema.conftest import Api, post

ENTRIES = "{ auditEntries(%s) { nodes { id } } }"
SOME = uuid.UUID("019a0000-0000-7000-8000-000000000000")
CURSOR = base64.urlsafe_b64encode(b"n" + SOME.bytes).decode().rstrip("=")
FORGED = base64.urlsafe_b64encode(b"a" + SOME.bytes + b"create").decode().rstrip("=")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Any:
    """A client's mistake is no event in the server's log."""
    caplog.set_level(logging.ERROR)
    yield
    assert [record.message for record in caplog.records] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 2, last: 2", "BAD_USER_INPUT"),
        ("first: 0", "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("last: -1", "BAD_USER_INPUT"),
        ("first: 201", "BAD_USER_INPUT"),
        ("first: 2147483647", "BAD_USER_INPUT"),
        ("first: 99999999999", "GRAPHQL_VALIDATION_FAILED"),
        (f'first: 2, before: "{CURSOR}"', "BAD_USER_INPUT"),
        (f'last: 2, after: "{CURSOR}"', "BAD_USER_INPUT"),
        (f'after: "{CURSOR}", before: "{CURSOR}"', "BAD_USER_INPUT"),
        ('after: "no cursor"', "INVALID_CURSOR"),
        ('after: "\u00e9\u00e8"', "INVALID_CURSOR"),
        (f'after: "{FORGED}"', "INVALID_CURSOR"),
        (f'last: 2, before: "{CURSOR}x"', "INVALID_CURSOR"),
        ("order: SIDEWAYS", "GRAPHQL_VALIDATION_FAILED"),
        ('filter: {since: "2026-13-45"}', "GRAPHQL_VALIDATION_FAILED"),
        ('filter: {since: "2026-12-31T00:00:00Z", until: "2026-01-01T00:00:00Z"}', "BAD_USER_INPUT"),
        ('filter: {context: "no id"}', "INVALID_ID"),
        (f'filter: {{context: "{encode_id(Kind.ENTRY, SOME)}"}}', "INVALID_ID"),
        ('filter: {restoredFrom: "no id"}', "INVALID_ID"),
        ("filter: {period: FOREVER}", "GRAPHQL_VALIDATION_FAILED"),
        ('filter: {extra: {nothing: "like this"}}', "BAD_USER_INPUT"),
        ('filter: {extra: ["no object"]}', "BAD_USER_INPUT"),
        ('filter: {search: "\\u0000"}', "BAD_USER_INPUT"),
        (f'filter: {{action: "{"x" * 501}"}}', "BAD_USER_INPUT"),
        ('filter: {action_regex: "x"}', "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_arguments(admin: User, arguments: str, code: str) -> None:
    assert Api(admin).code(ENTRIES % arguments) == code


def test_error_says_which_argument(admin: User) -> None:
    answer = Api(admin)(ENTRIES % "first: 0")
    assert answer["errors"][0]["extensions"]["fields"] == {"first": "Give a number from 1 to 200."}


@pytest.mark.parametrize("bars", [0, -1, 201])
def test_bars(admin: User, bars: int) -> None:
    assert Api(admin).code(f"{{ auditHistogram(bars: {bars}) {{ truncated }} }}") == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "key", ["", "x", "no id", str(SOME), encode_id(Kind.CONTEXT, SOME), "RQ==", "\u2028" * 30]
)
def test_forged_ids(admin: User, key: str) -> None:
    assert Api(admin).code("query ($id: ID!) { auditEntry(id: $id) { id } }", id=key) == "INVALID_ID"


def test_ids_are_one_spelling_only(admin: User, tags: list[Tag]) -> None:
    key = encode_id(Kind.ENTRY, Entry.objects.order_by("-id")[0].pk)
    query = "query ($id: ID!) { auditEntry(id: $id) { id } }"
    assert Api(admin).data(query, id=key) == {"id": key}
    for variant in (key + "=", f" {key}", key[:-1] + chr(ord(key[-1]) + 1)):
        assert Api(admin).code(query, id=variant) == "INVALID_ID"


def test_an_id_of_nothing(admin: User) -> None:
    key = encode_id(Kind.ENTRY, SOME)
    assert Api(admin).data("query ($id: ID!) { auditEntry(id: $id) { id } }", id=key) is None
    related = "query ($id: ID!) { auditRelatedEntries(id: $id) { nodes { id } } }"
    assert Api(admin).code(related, id=key) == "NOT_FOUND"


def test_unknown_model(viewer: User, admin: User) -> None:
    query = ENTRIES % 'filter: {model: "no.such"}'
    assert Api(viewer).code(query) == "FORBIDDEN"
    assert Api(admin).code(query) == "BAD_USER_INPUT"
    assert Api(admin).code(ENTRIES % 'filter: {related: "no.such:1"}') == "BAD_USER_INPUT"
    # Entries of a model that is gone are there for superusers.
    key = write_event(Event("tag.approved", "data", "no.such", "1"))
    assert Api(admin).data(query) == {"nodes": [{"id": encode_id(Kind.ENTRY, key)}]}


@pytest.mark.parametrize("arguments", ["", 'at: "2026-01-01T00:00:00Z", entry: "x"'])
def test_as_of_takes_a_moment_or_an_entry(admin: User, arguments: str) -> None:
    query = '{ auditRecordAsOf(model: "people.tag", objectId: "1", %s) { exists } }'
    assert Api(admin).code(query % arguments) == "BAD_USER_INPUT"


@pytest.mark.parametrize("record", ['model: "", objectId: "1"', 'model: "people.tag", objectId: " "'])
def test_records_have_a_model_and_a_key(admin: User, record: str) -> None:
    assert Api(admin).code(f"{{ auditRecordHistory({record}) {{ nodes {{ id }} }} }}") == "BAD_USER_INPUT"
    at = 'at: "2026-01-01T00:00:00Z"'
    assert Api(admin).code(f"{{ auditRecordAsOf({record}, {at}) {{ exists }} }}") == "BAD_USER_INPUT"


def test_dates_at_the_ends_of_the_calendar(admin: User, tags: list[Tag]) -> None:
    query = '{ auditHistogram(filter: {since: "0001-01-01T00:00:00+14:00", until: "9999-12-31T23:59:59-12:00"}) { truncated } }'
    assert Api(admin).data(query) == {"truncated": False}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("no graphql", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { auditEntries(first: $n) { nodes { id } } }", "BAD_USER_INPUT"),
        ("subscription { auditEntries { nodes { id } } }", "BAD_REQUEST"),
        ("fragment A on AuditEntry { id }", "BAD_REQUEST"),
        ("query A { auditFacets { complete } } query B { auditFacets { complete } }", "BAD_REQUEST"),
        ("{ " + " ".join(f"a{n}: auditFacets {{ complete }}" for n in range(1000)) + " }", "TOO_COMPLEX"),
        ("{ " + " ".join(f"a{n}: auditFacets {{ complete }}" for n in range(31)) + " }", "TOO_COMPLEX"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }", "TOO_COMPLEX"),
        ("{ __schema { " + " ".join(f"a{n}: types {{ name }}" for n in range(31)) + " } }", "TOO_COMPLEX"),
        ("{ auditEntries { nodes { " + "id " * 600 + "} } }", "TOO_COMPLEX"),
        ("{ a" * 300 + " }" * 300, "TOO_COMPLEX"),
        ("{ a" * 150 + " }" * 150, "TOO_COMPLEX"),
        ("{ a" * 5000, "TOO_COMPLEX"),
    ],
)
def test_documents(admin: User, document: str, code: str, engine: str) -> None:
    errors = post(Api(admin).client, engine, document, {}).json()["errors"]
    assert code in {error["extensions"]["code"] for error in errors}


def test_fragments_count_wherever_they_are_spread(admin: User, engine: str) -> None:
    doubled = "".join(f"fragment F{n} on AuditEntry {{ ...F{n + 1} ...F{n + 1} }} " for n in range(40))
    document = "{ auditEntries { nodes { ...F0 } } } " + doubled + "fragment F40 on AuditEntry { id action }"
    errors = post(Api(admin).client, engine, document, {}).json()["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["TOO_COMPLEX"]


def test_what_is_too_large_is_not_even_validated(admin: User, engine: str) -> None:
    # Comparing that many fields with each other would take a second.
    document = "{ auditFacets { " + "nothing " * 4900 + "} }"
    errors = post(Api(admin).client, engine, document, {}).json()["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["TOO_COMPLEX"]


def test_fragments_in_a_circle(admin: User, engine: str) -> None:
    document = "{ auditEntries { nodes { ...A } } } fragment A on AuditEntry { ...B } fragment B on AuditEntry { ...A }"
    errors = post(Api(admin).client, engine, document, {}).json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}


def test_variables_of_the_wrong_type(admin: User) -> None:
    query = "query ($first: Int) { auditEntries(first: $first) { nodes { id } } }"
    for value in ("x", 1.5, [1], {"a": 1}, True, 2**40):
        assert Api(admin).code(query, first=value) == "BAD_USER_INPUT"


def test_limits_are_settings(admin: User, settings: Any, engine: str) -> None:
    api = Api(admin)
    query = "{ auditEntries { nodes { changes { field } } } }"
    for name, value in (("DEPTH", 3), ("FIELDS", 3), ("TOKENS", 5)):
        with_limit = f"AUDIT_GRAPHQL_MAX_{name}"
        setattr(settings, with_limit, value)
        (error,) = post(api.client, engine, query, {}).json()["errors"]
        assert error["extensions"]["code"] == "TOO_COMPLEX", name
        delattr(settings, with_limit)
    assert "errors" not in post(api.client, engine, query, {}).json()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"query": "{ auditFacets { complete } }"}', "text/plain", 415),
        (b"query=%7B%7D", "application/x-www-form-urlencoded", 415),
        (b"", "multipart/form-data; boundary=x", 415),
        (b" ", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (json.dumps([{"query": "{ auditFacets { complete } }"}] * 1000).encode(), "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": 5}', "application/json", 400),
        (b'{"query": "   "}', "application/json", 400),
        (b'{"query": "{ a }", "variables": []}', "application/json", 400),
        (b'{"query": "{ a }", "operationName": 5}', "application/json", 400),
        (b'{"query": "' + b" " * 3_000_000 + b'"}', "application/json", 413),
    ],
)
def test_requests(admin: User, body: bytes, kind: str, status: int, engine: str) -> None:
    response = Api(admin).client.post(f"/{engine}/", body, content_type=kind)
    assert response.status_code == status
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_REQUEST"]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_methods(admin: User, method: str, engine: str) -> None:
    assert getattr(Api(admin).client, method)(f"/{engine}/").status_code == 405
