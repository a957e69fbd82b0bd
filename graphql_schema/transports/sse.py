"""GraphQL over server-sent events, in the mode of distinct connections: one operation, one response.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from audit_plugin.feed.stopping import is_stopping
from graphql_schema.engines import Operation
from graphql_schema.errors import ApiError, Code
from graphql_schema.transports import threads
from graphql_schema.transports.answers import Answer
from graphql_schema.transports.operations import results
from graphql_schema.transports.outbox import Outbox

EVENT_STREAM = "text/event-stream"
CONTENT_TYPE = f"{EVENT_STREAM}; charset=utf-8"
#: A comment after so much silence keeps proxies from closing the connection.
PING_SECONDS = 12.0

# Lines end in LF alone: some clients split events at nothing else.
PING = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


def wants_events(request: HttpRequest) -> bool:
    """Return whether a client asks for server-sent events."""
    return any(
        part.partition(";")[0].strip().lower() == EVENT_STREAM
        for part in request.headers.get("Accept", "").split(",")
    )


def can_stream(request: HttpRequest) -> bool:
    """Return whether the server can answer bit by bit: under WSGI a stream would hold a worker until it hangs."""
    return isinstance(request, ASGIRequest)


def encode_next(answer: Answer) -> bytes:
    """Return a result as an event."""
    return b"event: next\ndata: " + answer.text.encode() + b"\n\n"


def single(answer: Answer) -> HttpResponse:
    """Return the response to an operation with one result."""
    response = HttpResponse(encode_next(answer) + COMPLETE, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def stream(schema: Any, request: HttpRequest, operation: Operation) -> StreamingHttpResponse:
    """Return the response to a subscription; see `events`."""
    response = StreamingHttpResponse(events(schema, request, operation), content_type=CONTENT_TYPE)
    # no-transform keeps intermediaries from compressing, X-Accel-Buffering nginx from gathering it.
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"
    # Django's GZipMiddleware, which gathers as well, leaves alone what has an encoding.
    response["Content-Encoding"] = "identity"
    return response


def needs_asgi() -> ApiError:
    """Return what a client is told that subscribes where there are no streams."""
    return ApiError(Code.NEEDS_ASGI, _("Subscriptions need a server that speaks ASGI, such as uvicorn."))


async def events(schema: Any, request: HttpRequest, operation: Operation) -> AsyncGenerator[bytes, None]:
    """Yield what is sent to a subscriber.

    Args:
        schema: A schema of Strawberry.
        request: The request.
        operation: What the client wants.
    """
    threads.release()
    outbox = Outbox()
    maker = asyncio.create_task(_make(outbox, schema, request, operation, get_language()))
    try:
        # So that the client knows at once that it is connected.
        yield PING
        while (part := await outbox.take(PING_SECONDS)) is not None:
            yield part or PING
        await maker
    finally:
        maker.cancel()
        with suppress(asyncio.CancelledError):
            await maker


async def _make(
    outbox: Outbox, schema: Any, request: HttpRequest, operation: Operation, language: str | None
) -> None:
    with outbox, override(language):
        async with aclosing(results(schema, request, operation)) as answers:
            async for answer in answers:
                await outbox.put(encode_next(answer))
        # A server that ends leaves its clients to come back, so it doesn't tell them that this was all.
        if not is_stopping():
            await outbox.put(COMPLETE)
