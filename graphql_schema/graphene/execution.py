"""Executing in graphene, within the same limits."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    GraphQLError,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)

from audit_plugin.conf import settings
from graphql_schema.engines import Result
from graphql_schema.errors import ApiError, Code
from graphql_schema.formatting import with_codes
from graphql_schema.limits import validation_rules


def run(
    schema: Any, context: Any, document: str, variables: dict[str, Any], operation_name: str | None
) -> Result:
    """Execute one query or mutation; see `graphql_schema.engines.execute`."""
    try:
        parsed = parse(document, max_tokens=settings.GRAPHQL_MAX_TOKENS)
    except GraphQLError as error:
        return Result(None, with_codes([error]))
    operation = get_operation_ast(parsed, operation_name)
    if operation is None:
        return Result(None, [ApiError(Code.BAD_REQUEST, _("There is no such operation in the document."))])
    if operation.operation is OperationType.SUBSCRIPTION:
        return Result(None, [ApiError(Code.BAD_REQUEST, _("Subscriptions are served at another URL."))])
    core = schema.graphql_schema
    if errors := validate(core, parsed, [*specified_rules, *validation_rules()]):
        return Result(None, with_codes(errors))
    found = execute_sync(
        core, parsed, context_value=context, variable_values=variables, operation_name=operation_name
    )
    return Result(found.data, with_codes(found.errors or []))
