"""Executing an operation in whichever engine a schema is made for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from graphql import GraphQLError, GraphQLSchema, OperationType, get_operation_ast

from graphql_schema.documents import read
from graphql_schema.errors import ApiError, Code
from graphql_schema.formatting import with_codes
from graphql_schema.limits import over_limits

#: With graphene, subscriptions stay on the URL of the audit log's own schema.
NOT_AS_ONE_RESULT = gettext_lazy("Ask for a subscription with the header Accept: text/event-stream.")


@dataclass(frozen=True)
class Operation:
    """What a client wants to have executed.

    Attributes:
        document: The document.
        variables: Its variables.
        name: Which of its operations.
    """

    document: str
    variables: dict[str, Any]
    name: str | None


@dataclass(frozen=True)
class Result:
    """What came out of an operation.

    Attributes:
        data: The data; None where nothing was executed, or where an error went all the way up.
        errors: The errors, with codes.
        refused: Whether nothing was executed.
    """

    data: Any
    errors: Sequence[GraphQLError] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether nothing was executed."""
        return self.data is None and not any(error.path for error in self.errors)


@cache
def default_schema() -> Any:
    """Return the audit log's own schema.

    Raises:
        ImproperlyConfigured: Neither engine is installed.
    """
    if find_spec("strawberry"):
        from graphql_schema.strawberry import schema

        return schema
    if find_spec("graphene"):
        from graphql_schema.graphene import schema as graphene_schema

        return graphene_schema
    raise ImproperlyConfigured("Install django-audit-plugin[strawberry] or django-audit-plugin[graphene].")


def execute(schema: Any, context: Any, operation: Operation) -> Result:
    """Execute one query or mutation.

    Args:
        schema: A schema of Strawberry or graphene.
        context: The request, or what has one.
        operation: Which.
    """
    try:
        parsed, known = read(core_of(schema), operation.document)
    except GraphQLError as error:
        return Result(None, with_codes([error]))
    found = get_operation_ast(parsed, operation.name)
    if found is None:
        return Result(None, [ApiError(Code.BAD_REQUEST, _("The document doesn't say which operation."))])
    if found.operation is OperationType.SUBSCRIPTION:
        return Result(None, [ApiError(Code.BAD_REQUEST, NOT_AS_ONE_RESULT)])
    # Before it is validated: that takes time in the square of a document that is large.
    if not known and (too_large := over_limits(parsed)):
        return Result(None, too_large)
    run = import_module(f"graphql_schema.{engine_of(schema)}.execution").run
    result = run(schema, context, operation, parsed)
    return Result(result.data, with_codes(result.errors or []))


def core_of(schema: Any) -> GraphQLSchema:
    """Return the schema of graphql-core that an engine has made of a schema."""
    found: GraphQLSchema = schema._schema if engine_of(schema) == "strawberry" else schema.graphql_schema
    return found


def engine_of(schema: Any) -> str:
    """Return which engine a schema is made for: `strawberry` or `graphene`."""
    return "strawberry" if hasattr(schema, "execute_sync") else "graphene"
