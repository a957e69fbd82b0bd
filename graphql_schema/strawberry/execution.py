"""Executing in Strawberry."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from strawberry.exceptions import StrawberryGraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from graphql_schema.engines import Result
from graphql_schema.errors import ApiError, Code
from graphql_schema.formatting import with_codes

ALLOWED = {OperationType.QUERY, OperationType.MUTATION}


def run(
    schema: Any, context: Any, document: str, variables: dict[str, Any], operation_name: str | None
) -> Result:
    """Execute one query or mutation; see `graphql_schema.engines.execute`."""
    try:
        found = schema.execute_sync(
            document,
            variable_values=variables,
            context_value=context,
            operation_name=operation_name,
            allowed_operation_types=ALLOWED,
        )
    except InvalidOperationTypeError:
        return Result(None, [ApiError(Code.BAD_REQUEST, _("Subscriptions are served at another URL."))])
    except (CannotGetOperationTypeError, StrawberryGraphQLError):
        return Result(None, [ApiError(Code.BAD_REQUEST, _("There is no such operation in the document."))])
    return Result(found.data, with_codes(found.errors or []))
