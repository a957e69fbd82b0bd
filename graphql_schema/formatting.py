"""Errors on their way to the client: each has a code, and none gives away what introspection would not."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLError, GraphQLSyntaxError

from audit_plugin.conf import settings
from graphql_schema.errors import Code, as_api_error


def with_codes(errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Return errors as the client gets them.

    Args:
        errors: The errors of one operation.
    """
    return [_with_code(error) for error in errors]


def _with_code(error: GraphQLError) -> GraphQLError:
    if "code" in (error.extensions or {}):
        return error
    inner = error.original_error
    if inner is not None and not isinstance(inner, GraphQLError):
        told = as_api_error(inner)
        return _copy(error, told.message, told.extensions)
    message = error.message
    if not settings.GRAPHQL_INTROSPECTION:
        message = message.partition(" Did you mean")[0]
    code = _code(error)
    return _copy(error, message, {"code": code.value})


def _code(error: GraphQLError) -> Code:
    if isinstance(error, GraphQLSyntaxError):
        # Too long or too deep to be read to the end: graphql-core has no other sign of it.
        return Code.TOO_COMPLEX if "Parsing aborted" in error.message else Code.GRAPHQL_PARSE_FAILED
    # Something within an executed operation that no resolver of ours has raised: a value that is no value of its type.
    return Code.BAD_USER_INPUT if error.path or _about_variables(error) else Code.GRAPHQL_VALIDATION_FAILED


def _about_variables(error: GraphQLError) -> bool:
    return error.message.startswith("Variable '$")


def _copy(error: GraphQLError, message: str, extensions: dict[str, object] | None) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
