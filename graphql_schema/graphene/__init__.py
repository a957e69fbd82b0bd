"""The API for graphene: `AuditQuery` and `AuditMutation` to mix into a schema, and a whole `schema`.

`validation_rules()` are the limits, for the `GraphQLView` of a host.
"""

from graphql_schema.graphene.mixins import AuditMutation, AuditQuery
from graphql_schema.graphene.schema import schema
from graphql_schema.limits import validation_rules

__all__ = ["AuditMutation", "AuditQuery", "schema", "validation_rules"]
