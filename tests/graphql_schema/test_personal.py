"""The history of a personal record, asked for by the API, is a look at it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from sample_project.people.models import Tag
from tests.conftest import Log
from tests.graphql_schema.conftest import Api, post

HISTORY = '{ auditRecordHistory(model: "people.Tag", objectId: "%s") { nodes { id } } }'
AS_OF = '{ auditRecordAsOf(model: "people.tag", objectId: "%s", at: "2100-01-01T00:00:00Z") { exists } }'


@pytest.fixture(autouse=True)
def personal(settings: Any) -> None:
    settings.AUDIT_PERSONAL = ["people.Tag"]


@pytest.mark.parametrize("query", [HISTORY, AS_OF])
def test_who_asks_for_the_history_of_a_personal_record_has_looked_at_it(
    query: str, viewer: User, tags: list[Tag], engine: str, log: Log
) -> None:
    client = Api(viewer).client
    for key in (tags[0].pk, tags[0].pk, 0):
        assert "errors" not in post(client, engine, query % key, {}).json()
    (entry,) = log(channel="pii-read")
    assert (entry.model, entry.object_id, entry.actor_id) == ("people.tag", str(tags[0].pk), str(viewer.pk))


def test_lists_are_no_looks(viewer: User, tags: list[Tag], engine: str, log: Log) -> None:
    query = '{ auditEntries(filter: {model: "people.tag"}) { nodes { id } } }'
    assert "errors" not in post(Api(viewer).client, engine, query, {}).json()
    assert log(channel="pii-read") == []


def test_a_user_of_the_host_s_own_making_is_who_looked(
    viewer: User, tags: list[Tag], engine: str, log: Log, settings: Any
) -> None:
    settings.AUDIT_GRAPHQL_USER = lambda request: viewer
    post(Api(None).client, engine, HISTORY % tags[0].pk, {})
    assert [entry.actor_id for entry in log(channel="pii-read")] == [str(viewer.pk)]
