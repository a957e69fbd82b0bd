"""The endpoint: cookies, caches, browsers, and what leaks when something breaks."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from graphql import get_introspection_query

from audit_plugin.visibility import Refusal
from graphql_schema import queries
from graphql_schema.errors import ApiError
from graphql_schema.operations import QUERIES
from graphql_schema.reading import reading
from graphql_schema.viewer import Viewer
from sample_project.people.models import Organisation
from tests.graphql_schema.conftest import Api, post
from tests.graphql_schema.engines import ENGINES

FACETS = "{ auditFacets { complete } }"


def test_cookies_need_the_token(admin: User, engine: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert post(client, engine, FACETS, {}).status_code == 403
    client.get("/graphql/", headers={"Accept": "text/html"})
    token = client.cookies["csrftoken"].value
    assert post(client, engine, FACETS, {}, headers={"X-CSRFToken": token}).status_code == 200


def test_answers_are_nobody_elses(admin: User, engine: str) -> None:
    response = post(Api(admin).client, engine, FACETS, {})
    assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
    assert response["Content-Type"] == "application/json; charset=utf-8"


def test_status_follows_the_specification_where_a_client_knows_it(admin: User, engine: str) -> None:
    modern = {"Accept": "application/graphql-response+json"}
    client = Api(admin).client
    for query, plain, strict in ((FACETS, 200, 200), ("{ nothing }", 200, 400), ("{", 200, 400)):
        assert post(client, engine, query, {}).status_code == plain
        response = post(client, engine, query, {}, headers=modern)
        assert response.status_code == strict
        assert response["Content-Type"].startswith("application/graphql-response+json")


def test_errors_of_fields_leave_the_others_their_data(admin: User) -> None:
    answer = Api(admin)('{ auditEntry(id: "x") { id } auditFacets { complete } }')
    assert answer["data"] == {"auditEntry": None, "auditFacets": {"complete": True}}
    assert answer["errors"][0]["path"] == ["auditEntry"]


def test_introspection_is_a_setting(admin: User, settings: Any) -> None:
    api = Api(admin)
    query = "{ __schema { queryType { name } } }"
    assert api(query)["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    settings.AUDIT_GRAPHQL_INTROSPECTION = False
    for engine in ENGINES:
        errors = post(api.client, engine, query, {}).json()["errors"]
        assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}
    # What the schema has is not given away by guesses either.
    (error,) = api("{ auditFacet { complete } }")["errors"]
    assert "auditFacets" not in error["message"]


def test_introspection_fits_the_limits(admin: User, engine: str) -> None:
    assert "errors" not in post(Api(admin).client, engine, get_introspection_query(), {}).json()


def broken(viewer: Viewer) -> Any:
    raise RuntimeError("the password is hunter2")


def slow(viewer: Viewer) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a function in the place of the one that looks up what is present in the log."""

    def put(function: Any) -> None:
        monkeypatch.setattr(queries.present, "facets", function)

    assert QUERIES["audit_facets"] is queries.facets
    return put


def test_what_nobody_expected_is_logged_and_kept_from_clients(
    admin: User, replaced: Any, caplog: pytest.LogCaptureFixture, engine: str
) -> None:
    replaced(broken)
    response = post(Api(admin).client, engine, FACETS, {})
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert "hunter2" not in response.content.decode()
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.name for record in logged] == ["audit_plugin.graphql"]
    assert logged[0].exc_info and "hunter2" in str(logged[0].exc_info[1])


def test_what_takes_too_long_is_ended(
    admin: User, replaced: Any, settings: Any, caplog: pytest.LogCaptureFixture, engine: str
) -> None:
    settings.AUDIT_GRAPHQL_TIMEOUT = 0.1
    replaced(slow)
    with transaction.atomic():
        (error,) = post(Api(admin).client, engine, FACETS, {}).json()["errors"]
        assert error["extensions"]["code"] == "TIMEOUT"
        with connection.cursor() as cursor:
            # The host's own transaction goes on, with its own limit.
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone() == ("0",)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_limit_of_time_ends_with_the_query(admin: User, engine: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '7s'")
        post(Api(admin).client, engine, FACETS, {})
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("7s",)


def test_what_may_not_be_read_is_not_looked_up(viewer: User, db: None) -> None:
    called = []

    @reading
    def operation(viewer: Viewer) -> None:
        called.append(viewer)

    request: Any = RequestFactory().post("/")
    request.user = User.objects.create_user("nobody")
    with CaptureQueriesContext(connection) as captured, pytest.raises(ApiError):
        operation(Viewer(request))
    assert not called
    assert not any("audit_plugin_entry" in found["sql"] for found in captured)


def test_explorer_is_for_who_may_view_the_log(admin: User, settings: Any) -> None:
    html = {"Accept": "text/html"}
    page = Api(admin).client.get("/graphql/", headers=html)
    assert page.status_code == 200
    policy = page["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy
    text = page.content.decode()
    assert not re.search(r"<script(?![^>]*src)|<style|\son\w+=|\sstyle=", text)
    # Nothing comes from elsewhere.
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
    anonymous = Client().get("/graphql/", headers=html)
    assert anonymous.status_code == 302 and "/admin/login/" in anonymous["Location"]
    assert Api(User.objects.create_user("nobody")).client.get("/graphql/", headers=html).status_code == 403
    settings.AUDIT_GATE = lambda request: Refusal("closed")
    assert Api(admin).client.get("/graphql/", headers=html).status_code == 403
    settings.AUDIT_GRAPHQL_EXPLORER = False
    assert Api(admin).client.get("/graphql/", headers=html).status_code == 405


def test_explorer_may_load_static_files_from_elsewhere(admin: User, settings: Any) -> None:
    settings.STATIC_URL = "https://static.example.com/a/"
    page = Api(admin).client.get("/graphql/", headers={"Accept": "text/html"})
    assert "script-src 'self' https://static.example.com;" in page["Content-Security-Policy"]


def test_queries_are_not_read_from_urls(admin: User, engine: str) -> None:
    response = Api(admin).client.get(f"/{engine}/", {"query": FACETS}, headers={"Accept": "application/json"})
    assert response.status_code == 405


def persisted(client: Client, engine: str, **body: Any) -> Any:
    return client.post(f"/{engine}/", json.dumps(body), content_type="application/json").json()


def named(key: str) -> Any:
    return {"persistedQuery": {"version": 1, "sha256Hash": key}}


@pytest.mark.parametrize("shape", ["mapping", "file", "manifest"])
def test_only_persisted_documents(
    admin: User, settings: Any, tmp_path: Path, engine: str, shape: str
) -> None:
    key = hashlib.sha256(FACETS.encode()).hexdigest()
    path = tmp_path / "persisted.json"
    manifest = {"format": "apollo-persisted-query-manifest", "operations": [{"id": key, "body": FACETS}]}
    path.write_text(json.dumps({key: FACETS} if shape == "file" else manifest))
    settings.AUDIT_GRAPHQL_PERSISTED = {key: FACETS} if shape == "mapping" else str(path)
    client = Api(admin).client
    assert persisted(client, engine, extensions=named(key))["data"]
    assert persisted(client, engine, query=FACETS)["data"]
    for code, body in (
        ("PERSISTED_QUERY_REQUIRED", {"query": "{ auditFacets { complete } auditHistogram { truncated } }"}),
        ("PERSISTED_QUERY_REQUIRED", {"query": "{ __typename }"}),
        ("PERSISTED_QUERY_NOT_FOUND", {"extensions": named("0" * 64)}),
        ("PERSISTED_QUERY_NOT_FOUND", {"query": "{ __typename }", "extensions": named("0" * 64)}),
        ("PERSISTED_QUERY_NOT_FOUND", {"extensions": {"persistedQuery": {"sha256Hash": ["x"]}}}),
        ("PERSISTED_QUERY_NOT_FOUND", {}),
    ):
        (error,) = persisted(client, engine, **body)["errors"]
        assert error["extensions"]["code"] == code


def test_a_document_under_another_name_is_not_taken(admin: User, settings: Any, engine: str) -> None:
    key = hashlib.sha256(FACETS.encode()).hexdigest()
    settings.AUDIT_GRAPHQL_PERSISTED = {key: FACETS}
    answer = persisted(Api(admin).client, engine, query="{ __typename }", extensions=named(key))
    assert answer == {"data": {"auditFacets": {"complete": True}}}


def test_automatic_persisted_queries_fall_back(admin: User, engine: str) -> None:
    key = hashlib.sha256(FACETS.encode()).hexdigest()
    client = Api(admin).client
    (error,) = persisted(client, engine, extensions=named(key))["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert persisted(client, engine, query=FACETS, extensions=named(key))["data"]


def test_numbers_keep_their_digits(admin: User, engine: str) -> None:
    made = Organisation.objects.create(name="Lumen", slug="lumen", monthly_fee=Decimal("12.50"))
    query = "query ($key: String) { auditEntries(filter: {objectId: $key}) { nodes { rawChanges } } }"
    answer = post(Api(admin).client, engine, query, {"key": str(made.pk)})
    assert '"monthly_fee":12.50' in answer.content.decode()
