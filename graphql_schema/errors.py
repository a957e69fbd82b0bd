"""What a client gets to know when something is wrong: a code to act on, a message to show, nothing about the inside."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Any

from django.db import OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from graphql import GraphQLError

from audit_plugin.exceptions import InvalidCursor
from audit_plugin.export import ExportError, ExportRefusedError

logger = logging.getLogger("audit_plugin.graphql")

#: The class of SQLSTATE 57014: what PostgreSQL says when `statement_timeout` has run out.
CANCELED = "57014"


class Code(StrEnum):
    """`extensions.code` of an error. Each is described in docs/reference/graphql.md."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    CLOSED = "CLOSED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    INVALID_ID = "INVALID_ID"
    NOT_FOUND = "NOT_FOUND"
    TIMEOUT = "TIMEOUT"
    TOO_COMPLEX = "TOO_COMPLEX"
    BAD_REQUEST = "BAD_REQUEST"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_REQUIRED = "PERSISTED_QUERY_REQUIRED"
    UNAVAILABLE = "UNAVAILABLE"
    NEEDS_ASGI = "NEEDS_ASGI"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class ApiError(GraphQLError):
    """An error that is meant for the client.

    Args:
        code: What it is.
        message: The same for people.
        **extensions: Further facts for programs.
    """

    def __init__(self, code: Code, message: str | Promise, **extensions: Any) -> None:
        super().__init__(str(message), extensions={"code": code.value, **extensions})


def bad_input(**fields: Any) -> ApiError:
    """Return the error about arguments.

    Args:
        **fields: What is wrong, by the argument's or input field's name.
    """
    texts = {name: str(text) for name, text in fields.items()}
    return ApiError(Code.BAD_USER_INPUT, " ".join(f"{n}: {t}" for n, t in texts.items()), fields=texts)


def as_api_error(error: Exception) -> ApiError:
    """Return what the client is told of an exception. What nobody expected is logged, and kept to ourselves."""
    match error:
        case ApiError():
            return error
        case InvalidCursor():
            return ApiError(Code.INVALID_CURSOR, str(error))
        case ExportRefusedError():
            return ApiError(Code.FORBIDDEN, str(error))
        case ExportError():
            return ApiError(Code.BAD_USER_INPUT, str(error))
        case OperationalError() if getattr(error.__cause__, "sqlstate", None) == CANCELED:
            return ApiError(Code.TIMEOUT, TOO_SLOW)
    logger.error("A GraphQL request for the audit log failed.", exc_info=error)
    return ApiError(Code.INTERNAL_SERVER_ERROR, _("Something went wrong. It has been logged."))


TOO_SLOW = gettext_lazy("This takes too long. Ask for less: a shorter time, or a filter more.")
