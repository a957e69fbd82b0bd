"""What a host mixes into its own types of queries, mutations and subscriptions."""

from __future__ import annotations

import strawberry

from graphql_schema.operations import MUTATIONS, QUERIES, SUBSCRIPTIONS, with_fields
from graphql_schema.strawberry.rendering import renderer


@strawberry.type
@with_fields(QUERIES, renderer.field)
class AuditQuery:
    """Questions to the audit log."""


@strawberry.type
@with_fields(MUTATIONS, renderer.field)
class AuditMutation:
    """What can be done with the audit log."""


@strawberry.type
@with_fields(SUBSCRIPTIONS, renderer.subscription)
class AuditSubscription:
    """Following the audit log."""
