"""What a host mixes into its own query and mutation types: `class Query(AuditQuery, HostQuery, graphene.ObjectType)`."""

from __future__ import annotations

from graphql_schema.graphene.rendering import renderer
from graphql_schema.operations import MUTATIONS, QUERIES, with_fields


@with_fields(QUERIES, renderer.field)
class AuditQuery:
    """Questions to the audit log."""


@with_fields(MUTATIONS, renderer.field)
class AuditMutation:
    """What can be done with the audit log."""
