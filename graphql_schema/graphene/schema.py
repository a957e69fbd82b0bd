"""A schema of the audit log alone."""

from __future__ import annotations

import graphene

from graphql_schema.graphene.mixins import AuditMutation, AuditQuery


class Query(AuditQuery, graphene.ObjectType):
    """The root of queries."""

    class Meta:
        description = "Questions to the audit log."


class Mutation(AuditMutation, graphene.ObjectType):
    """The root of mutations."""

    class Meta:
        description = "What can be done with the audit log."


schema = graphene.Schema(query=Query, mutation=Mutation)
