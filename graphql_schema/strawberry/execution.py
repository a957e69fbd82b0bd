"""Executing in Strawberry."""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode

from graphql_schema.engines import Operation


def run(schema: Any, context: Any, operation: Operation, parsed: DocumentNode) -> Any:
    """Execute an operation; see `graphql_schema.engines.execute`. Strawberry reads it again, unless `AuditLimits` knows it."""
    return schema.execute_sync(
        operation.document,
        context_value=context,
        variable_values=operation.variables,
        operation_name=operation.name,
    )
