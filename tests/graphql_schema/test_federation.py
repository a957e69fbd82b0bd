"""The audit log as a subgraph of a gateway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.test import RequestFactory
from graphql.pyutils import snake_to_camel

from audit_plugin.models import Entry
from graphql_schema import sdl
from graphql_schema.http.views import AuditGraphQLView
from graphql_schema.ids import Kind, encode_id
from graphql_schema.operations import MUTATIONS
from graphql_schema.strawberry.federation import federated_schema
from sample_project.people.models import Tag
from tests.graphql_schema.node import needs_packages, run_node

NODE = Path(__file__).parent / "federation"
ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on AuditEntry { id objectRepr changes { field } } }
}
"""


def ask(user: User, *keys: str) -> Any:
    representations = [{"__typename": "AuditEntry", "id": key} for key in keys]
    body = json.dumps({"query": ENTITIES, "variables": {"representations": representations}})
    request = RequestFactory().post("/", body, content_type="application/json")
    request.user = user
    return json.loads(AuditGraphQLView.as_view(schema=federated_schema())(request).content)


def test_a_gateway_looks_entries_up_by_id(admin: User, viewer: User, tags: list[Tag]) -> None:
    keys = [
        encode_id(Kind.ENTRY, entry.pk) for entry in Entry.objects.filter(model="people.tag").order_by("id")
    ]
    found = ask(viewer, *keys[:2])["data"]["_entities"]
    assert [entry["objectRepr"] for entry in found] == ["Tag 0", "Tag 1"]
    hidden = encode_id(Kind.ENTRY, Entry.objects.filter(model="auth.user")[0].pk)
    assert ask(viewer, hidden)["data"]["_entities"] == [None]
    assert ask(User.objects.create_user("nobody"), keys[0])["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert ask(viewer, "forged")["errors"][0]["extensions"]["code"] == "INVALID_ID"


def test_as_many_at_once_as_a_page_has(admin: User, tags: list[Tag]) -> None:
    key = encode_id(Kind.ENTRY, Entry.objects.order_by("-id")[0].pk)
    codes = {error["extensions"]["code"] for error in ask(admin, *[key] * 202)["errors"]}
    assert codes == {"TOO_COMPLEX"}


@needs_packages(NODE)
def test_it_composes_with_another_subgraph(tmp_path: Path) -> None:
    audit = tmp_path / "audit.graphql"
    audit.write_text(sdl.print_schema(federated_schema()))
    composed = run_node("compose.mjs", audit, "tickets.graphql", cwd=NODE)
    # The gateway asks the audit log for an entry that the other names by its id.
    assert '@join__type(graph: AUDIT, key: "id")' in composed
    assert '@join__type(graph: TICKETS, key: "id", resolvable: false)' in composed
    # What may come of a restore is still one of these, and no more is left out.
    outcomes = ("AuditRestoreDone", "AuditRestoreConflict", "AuditRestoreRefused")
    assert all(f'@join__unionMember(graph: AUDIT, member: "{name}")' in composed for name in outcomes)
    assert all(f"  {snake_to_camel(name, upper=False)}(" in composed for name in MUTATIONS)
