"""The ASGI application that takes WebSockets in front of the host's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.handlers.asgi import ASGIHandler

from graphql_schema.engines import default_schema
from graphql_schema.transports.handshake import request_of
from graphql_schema.transports.origins import is_allowed
from graphql_schema.transports.websocket import PROTOCOL, Connection

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[Any]]


class AuditWebSockets:
    """Serves subscriptions by WebSocket at one path, and leaves everything else to another application.

    Args:
        application: Django's, or what a host has put in front of it, for example a router of channels.
        path: Where subscriptions are served.
        schema: A schema of Strawberry with a subscription; None: the audit log's own.

    Example:
        application = AuditWebSockets(get_asgi_application(), path="/graphql/")
    """

    def __init__(self, application: Application, *, path: str = "/graphql/", schema: Any = None) -> None:
        self.application = application
        self.path = path
        self.schema = schema

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.application(scope, receive, send)
        elif scope["path"].removeprefix(scope.get("root_path", "").rstrip("/")) == self.path:
            await self._serve(scope, receive, send)
        elif isinstance(self.application, ASGIHandler):
            # Django takes no WebSockets, and would raise.
            await _refuse(receive, send)
        else:
            await self.application(scope, receive, send)

    async def _serve(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        request = request_of(scope)
        if not is_allowed(request):
            await _refuse(receive, send)
            return
        await receive()
        offered = PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        if not offered:
            # Among others the older protocol called graphql-ws, whose clients learn from the code what is wrong.
            await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
            return
        await Connection(self.schema or default_schema(), request, receive, send).serve()


async def _refuse(receive: Receive, send: Send) -> None:
    """Answer the handshake with 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})
