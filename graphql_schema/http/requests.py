"""Reading a request."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _

from graphql_schema.engines import Operation
from graphql_schema.errors import ApiError, Code
from graphql_schema.http.persisted import document_of

JSON_TYPE = "application/json"
GRAPHQL_TYPE = "application/graphql-response+json"


class BadRequest(ApiError):
    """A request that is no GraphQL request.

    Args:
        status: The HTTP status to answer with.
        message: What is wrong.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(Code.BAD_REQUEST, message)
        self.status = status


def read(request: HttpRequest) -> Operation:
    """Return what a request asks for.

    Args:
        request: A POST.

    Raises:
        BadRequest: It can't be read.
        ApiError: Its document may not be executed.
    """
    if request.content_type != JSON_TYPE:
        raise BadRequest(415, _("Send it as %(type)s.") % {"type": JSON_TYPE})
    try:
        body = json.loads(request.body)
    except RequestDataTooBig:
        raise BadRequest(413, _("This is too long.")) from None
    except (ValueError, RecursionError):
        raise BadRequest(400, _("This is no JSON.")) from None
    if isinstance(body, list):
        raise BadRequest(400, _("Send one operation at a time."))
    if not isinstance(body, dict):
        raise BadRequest(400, _("Send an object with `query` and `variables`."))
    extensions = _field(body, "extensions", dict) or {}
    document = document_of(_field(body, "query", str), extensions)
    if not document.strip():
        raise BadRequest(400, _("There is no `query`."))
    return Operation(
        document,
        _field(body, "variables", dict) or {},
        _field(body, "operationName", str),
    )


def _field(body: dict[str, Any], name: str, kind: type[Any]) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(400, _("`%(name)s` is of the wrong type.") % {"name": name})
    return value
