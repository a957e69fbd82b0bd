"""Subscriptions taken apart: what happens, by itself, and what a client gets of it. graphql-core does one within the other."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Any

import graphql
from graphql import DocumentNode, ExecutionResult, GraphQLError
from strawberry.schema.schema import validate_document

from graphql_schema.documents import read, remember, usual_rules
from graphql_schema.limits import over_limits
from graphql_schema.strawberry.extension import AuditLimits
from graphql_schema.strawberry.schema import AuditSchema
from graphql_schema.strawberry.schema import schema as plain_schema


def is_plain(schema: Any) -> bool:
    """Return whether nothing of a host's own has a say in what comes out of an execution, and so in who gets what."""
    return (
        type(schema) is AuditSchema
        and tuple(schema.extensions) == (AuditLimits,)
        and not schema.directives
        and schema.execution_context_class is plain_schema.execution_context_class
    )


def document_of(schema: Any, text: str) -> DocumentNode | list[GraphQLError]:
    """Return a document that is good, or what is wrong with it.

    Args:
        schema: A schema of Strawberry.
        text: The document's text.
    """
    core = schema._schema
    try:
        document, known = read(core, text)
    except GraphQLError as error:
        return [error]
    if not known:
        rules = usual_rules()
        if errors := over_limits(document) or validate_document(core, document, rules):
            return errors
        remember(core, text, document, rules)
    return document


async def source_of(
    schema: Any, document: DocumentNode, context: Any, variables: dict[str, Any], operation_name: str | None
) -> AsyncIterable[Any] | ExecutionResult:
    """Return what a subscription yields before anything of it is selected; a result where it has failed at once.

    Args:
        schema: A schema of Strawberry.
        document: A good document.
        context: The request, or what has one.
        variables: The document's variables.
        operation_name: Which of its operations.
    """
    arguments = (schema._schema, document, None, context, variables, operation_name)
    executor = getattr(graphql, "Executor", None)
    create: Any = graphql.create_source_event_stream
    if executor is None:
        # graphql-core 3.2
        return await create(*arguments)  # type: ignore[no-any-return]
    built: Any = executor.build(*arguments)
    if isinstance(built, list):
        return ExecutionResult(None, built)
    found = create(built)
    return await found if built.is_awaitable(found) else found  # type: ignore[no-any-return]
