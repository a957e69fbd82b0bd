"""Executing in Strawberry."""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode


def run(
    schema: Any,
    context: Any,
    document: str,
    parsed: DocumentNode,
    variables: dict[str, Any],
    operation_name: str | None,
) -> Any:
    """Execute a document; see `graphql_schema.engines.execute`. Strawberry reads it again, for its extensions."""
    return schema.execute_sync(
        document, variable_values=variables, context_value=context, operation_name=operation_name
    )
