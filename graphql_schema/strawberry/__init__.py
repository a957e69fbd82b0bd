"""The API for Strawberry: `AuditQuery`, `AuditMutation` and `AuditSubscription` to mix into a schema, and a whole `schema`.

`AuditLimits` is the extension that keeps documents small and gives errors their codes, for the schema of a host.
"""

from graphql_schema.strawberry.extension import AuditLimits
from graphql_schema.strawberry.mixins import AuditMutation, AuditQuery, AuditSubscription
from graphql_schema.strawberry.schema import AuditSchema, schema

__all__ = ["AuditLimits", "AuditMutation", "AuditQuery", "AuditSchema", "AuditSubscription", "schema"]
