"""Executing in graphene, within the same limits."""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode, ExecutionResult, execute_sync, specified_rules, validate

from graphql_schema.engines import Operation
from graphql_schema.limits import validation_rules


def run(schema: Any, context: Any, operation: Operation, parsed: DocumentNode) -> ExecutionResult:
    """Execute an operation; see `graphql_schema.engines.execute`."""
    core = schema.graphql_schema
    if errors := validate(core, parsed, [*specified_rules, *validation_rules()]):
        return ExecutionResult(None, errors)
    return execute_sync(
        core,
        parsed,
        context_value=context,
        variable_values=operation.variables,
        operation_name=operation.name,
    )
