"""Executing in graphene, within the same limits."""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode, ExecutionResult, execute_sync, validate

from graphql_schema.documents import recall, remember, usual_rules
from graphql_schema.engines import Operation


def run(schema: Any, context: Any, operation: Operation, parsed: DocumentNode) -> ExecutionResult:
    """Execute an operation; see `graphql_schema.engines.execute`."""
    core = schema.graphql_schema
    if recall(core, operation.document) is None:
        rules = usual_rules()
        if errors := validate(core, parsed, rules):
            return ExecutionResult(None, errors)
        remember(core, operation.document, parsed, rules)
    return execute_sync(
        core,
        parsed,
        context_value=context,
        variable_values=operation.variables,
        operation_name=operation.name,
    )
