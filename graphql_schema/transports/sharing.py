"""Subscribers who ask the same get the same answer: it is made for the first of them, and only sent to the others.

Whether somebody gets an entry at all is decided for each of them, before. What is made of an entry depends on what was asked and
on the language, never on who asks; so this is done for schemas only in which nothing of a host's own takes part.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Hashable
from contextlib import AsyncExitStack
from importlib import import_module
from inspect import isawaitable
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    Node,
    VariableNode,
    Visitor,
    execute,
    get_operation_ast,
    visit,
)

from graphql_schema.engines import Operation
from graphql_schema.transports.answers import Answer, Answers, answer_of
from graphql_schema.types.feed import AuditFeedEvent

_answers = Answers()


async def shared_results(schema: Any, context: Any, operation: Operation) -> AsyncGenerator[Answer, None]:
    """Yield the answers to a subscription. The last one has errors where it fails.

    Args:
        schema: A schema of Strawberry for which `is_plain` holds.
        context: The request, or what has one.
        operation: What the client wants.
    """
    following = import_module("graphql_schema.strawberry.following")
    document = following.document_of(schema, operation.document)
    if isinstance(document, list):
        yield answer_of(ExecutionResult(None, document))
        return
    source = await following.source_of(schema, document, context, operation.variables, operation.name)
    if isinstance(source, ExecutionResult):
        yield answer_of(source)
        return
    question = _question(schema, document, operation)
    async with AsyncExitStack() as stack:
        if hasattr(source, "aclose"):
            stack.push_async_callback(source.aclose)
        try:
            async for event in source:
                key = (question, event.key()) if isinstance(event, AuditFeedEvent) else None
                answer = _answers.get(key) if key else None
                if answer is None:
                    result = execute(
                        schema._schema, document, event, context, operation.variables, operation.name
                    )
                    answer = answer_of(await result if isawaitable(result) else result)
                    if key and not answer.errors:
                        _answers.put(key, answer)
                yield answer
        except GraphQLError as error:
            yield answer_of(ExecutionResult(None, [error]))
        except Exception as error:
            yield answer_of(ExecutionResult(None, [GraphQLError(str(error), original_error=error)]))


def _question(schema: Any, document: DocumentNode, operation: Operation) -> Hashable:
    """Return what an answer depends on besides the event."""
    used = _Variables()
    for part in _below(document, operation.name):
        visit(part, used)
    values = {name: operation.variables.get(name) for name in sorted(used.names)}
    return (
        schema._schema,
        operation.document,
        operation.name,
        json.dumps(values),
        get_language(),
        timezone.get_current_timezone_name(),
    )


def _below(document: DocumentNode, operation_name: str | None) -> list[Node]:
    """Return the parts of a document that have a say in the answers: where somebody goes on from is none of them."""
    operation = get_operation_ast(document, operation_name)
    parts: list[Node] = [part for part in document.definitions if isinstance(part, FragmentDefinitionNode)]
    for selection in operation.selection_set.selections if operation else ():
        if isinstance(selection, FieldNode):
            # graphql-core has an empty tuple up to 3.2 where it has None from 3.3 on.
            parts += selection.directives or ()
            parts += [selection.selection_set] if selection.selection_set else []
        else:
            parts.append(selection)
    return parts


class _Variables(Visitor):
    """Notes the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_args: Any) -> None:
        self.names.add(node.name.value)
