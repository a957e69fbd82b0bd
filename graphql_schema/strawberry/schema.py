"""A schema of the audit log alone."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLError

from graphql_schema.strawberry.extension import AuditLimits
from graphql_schema.strawberry.mixins import AuditMutation, AuditQuery, AuditSubscription


class AuditSchema(strawberry.Schema):
    """A schema that doesn't fill the server's log with tracebacks for the mistakes of clients."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing: `AuditLimits` logs what nobody expected, and clients learn of the rest."""


@strawberry.type(name="Query", description="Questions to the audit log.")
class Query(AuditQuery):
    """The root of queries."""


@strawberry.type(name="Mutation", description="What can be done with the audit log.")
class Mutation(AuditMutation):
    """The root of mutations."""


@strawberry.type(name="Subscription", description="Following the audit log.")
class Subscription(AuditSubscription):
    """The root of subscriptions."""


schema = AuditSchema(query=Query, mutation=Mutation, subscription=Subscription, extensions=[AuditLimits])
