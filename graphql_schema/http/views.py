"""The endpoint for all operations. Under WSGI it is no different but for subscriptions, which need ASGI."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit_plugin.conf import settings
from graphql_schema.engines import Operation, Result, default_schema, engine_of, execute
from graphql_schema.errors import ApiError, as_api_error
from graphql_schema.http.explorer import explorer
from graphql_schema.http.requests import GRAPHQL_TYPE, JSON_TYPE, BadRequest, read
from graphql_schema.transports import sse
from graphql_schema.transports.answers import answer_of, encode
from graphql_schema.transports.operations import is_subscription


@method_decorator(never_cache, name="dispatch")
class AuditGraphQLView(View):
    """Executes what is posted as JSON. Cookies are protected by Django's CSRF middleware, as in any other view.

    Attributes:
        schema: A schema of Strawberry or graphene; None for the audit log's own, in whichever is installed.
    """

    schema: Any = None
    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the explorer, in a browser; queries are not read from URLs, which end up in logs and histories."""
        if not settings.GRAPHQL_EXPLORER or not request.accepts("text/html"):
            return HttpResponseNotAllowed(["POST"])
        return explorer(request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Execute one operation."""
        try:
            operation = read(request)
            if sse.wants_events(request):
                return self.stream(request, operation)
            result = self.execute(request, operation)
        except ApiError as error:
            status = error.status if isinstance(error, BadRequest) else None
            return self.respond(request, Result(None, [error]), status)
        except Exception as error:
            return self.respond(request, Result(None, [as_api_error(error)]), 500)
        return self.respond(request, result)

    def execute(self, request: HttpRequest, operation: Operation) -> Result:
        """Return the result of an operation."""
        return execute(self.schema or default_schema(), request, operation)

    def stream(self, request: HttpRequest, operation: Operation) -> HttpResponseBase:
        """Return the result of an operation, or the results of a subscription one after another, as server-sent events."""
        schema = self.schema or default_schema()
        if not is_subscription(schema, operation) or engine_of(schema) != "strawberry":
            result = self.execute(request, operation)
            # Clients that take both, as urql does, mean events for what has more than one result.
            if request.accepts(JSON_TYPE) or request.accepts(GRAPHQL_TYPE):
                return self.respond(request, result)
            return sse.single(answer_of(result))
        if not sse.can_stream(request):
            return self.respond(request, Result(None, [sse.needs_asgi()]), 501)
        return sse.stream(schema, request, operation)

    def respond(self, request: HttpRequest, result: Result, status: int | None = None) -> HttpResponseBase:
        """Return the answer.

        Args:
            request: The request.
            result: What came out.
            status: The HTTP status; None: what the specification of GraphQL over HTTP says.
        """
        content: dict[str, Any] = {} if result.refused else {"data": result.data}
        if result.errors:
            content["errors"] = [dict(error.formatted) for error in result.errors]
        modern = request.get_preferred_type([JSON_TYPE, GRAPHQL_TYPE]) == GRAPHQL_TYPE
        if status is None:
            status = 400 if modern and result.refused else 200
        response = HttpResponse(
            encode(content),
            status=status,
            content_type=f"{GRAPHQL_TYPE if modern else JSON_TYPE}; charset=utf-8",
        )
        patch_vary_headers(response, ["Accept", "Cookie"])
        return response
