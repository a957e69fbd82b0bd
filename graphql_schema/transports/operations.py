"""One operation that may have more than one result."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError, OperationType, get_operation_ast, parse

from audit_plugin.conf import settings
from graphql_schema.engines import Operation
from graphql_schema.formatting import with_codes

Payload = dict[str, Any]


def is_subscription(operation: Operation) -> bool:
    """Return whether a client wants to subscribe. What can't be read is no subscription: executing it says what is wrong."""
    try:
        document = parse(operation.document or "", max_tokens=settings.GRAPHQL_MAX_TOKENS)
    except GraphQLError:
        return False
    found = get_operation_ast(document, operation.name)
    return found is not None and found.operation is OperationType.SUBSCRIPTION


async def results(schema: Any, context: Any, operation: Operation) -> AsyncGenerator[Payload, None]:
    """Yield the results of a subscription as clients get them. The last one has errors where it fails.

    Args:
        schema: A schema of Strawberry.
        context: The request, or what has one.
        operation: What the client wants.
    """
    stream = await schema.subscribe(
        operation.document,
        variable_values=operation.variables,
        context_value=context,
        operation_name=operation.name,
    )
    async with aclosing(stream) as found:
        async for result in found:
            yield payload_of(result)


def payload_of(result: Any) -> Payload:
    """Return a result as JSON has it."""
    payload: Payload = {"data": result.data}
    if result.errors:
        payload["errors"] = [dict(error.formatted) for error in with_codes(result.errors)]
    return payload
