"""One operation that may have more than one result."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import import_module
from typing import Any

from graphql import GraphQLError, OperationType, get_operation_ast

from graphql_schema.documents import read
from graphql_schema.engines import Operation, core_of
from graphql_schema.transports.answers import Answer, answer_of
from graphql_schema.transports.sharing import shared_results


def is_subscription(schema: Any, operation: Operation) -> bool:
    """Return whether a client wants to subscribe. What can't be read is no subscription: executing it says what is wrong."""
    try:
        document, _ = read(core_of(schema), operation.document or "")
    except GraphQLError:
        return False
    found = get_operation_ast(document, operation.name)
    return found is not None and found.operation is OperationType.SUBSCRIPTION


def results(schema: Any, context: Any, operation: Operation) -> AsyncGenerator[Answer, None]:
    """Yield the results of a subscription as clients get them. The last one has errors where it fails.

    Args:
        schema: A schema of Strawberry.
        context: The request, or what has one.
        operation: What the client wants.
    """
    plain = import_module("graphql_schema.strawberry.following").is_plain(schema)
    return (shared_results if plain else own_results)(schema, context, operation)


async def own_results(schema: Any, context: Any, operation: Operation) -> AsyncGenerator[Answer, None]:
    """Yield the results of a subscription in a schema of a host's, whose extensions may treat everybody differently."""
    stream = await schema.subscribe(
        operation.document,
        variable_values=operation.variables,
        context_value=context,
        operation_name=operation.name,
    )
    async with aclosing(stream) as found:
        async for result in found:
            yield answer_of(result)
