"""The API for Strawberry: `AuditQuery`, `AuditMutation` and `AuditSubscription` to mix into a schema, and a whole `schema`."""

from graphql_schema.strawberry.mixins import AuditMutation, AuditQuery, AuditSubscription
from graphql_schema.strawberry.schema import AuditSchema, schema

__all__ = ["AuditMutation", "AuditQuery", "AuditSchema", "AuditSubscription", "schema"]
