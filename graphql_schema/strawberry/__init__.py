"""The API for Strawberry: `AuditQuery` and `AuditMutation` to mix into a schema, and a whole `schema`."""

from graphql_schema.strawberry.mixins import AuditMutation, AuditQuery
from graphql_schema.strawberry.schema import AuditSchema, schema

__all__ = ["AuditMutation", "AuditQuery", "AuditSchema", "schema"]
