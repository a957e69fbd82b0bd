"""The product as servers run it that tests start as processes of their own: by itself, under WSGI, and within channels."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.graphql_schema.transports.server_settings")

wsgi = get_wsgi_application()
django_application = get_asgi_application()

from graphql_schema.strawberry import AuditQuery, AuditSubscription  # noqa: E402
from graphql_schema.transports import AuditWebSockets  # noqa: E402

asgi = AuditWebSockets(django_application, path="/graphql/")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """A consumer of the host's own."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


@strawberry.type
class Query(AuditQuery):
    """A host's own questions, and ours."""


@strawberry.type
class Subscription(AuditSubscription):
    """A host's own subscription, and ours."""

    @strawberry.subscription
    async def count(self, upto: int) -> AsyncGenerator[int, None]:
        for number in range(upto):
            yield number


# A host that has channels, a consumer of its own, and a schema that ours is mixed into.
channels = AuditWebSockets(
    ProtocolTypeRouter({"http": django_application, "websocket": URLRouter([path("echo/", echo)])}),
    path="/graphql/",
    schema=strawberry.Schema(query=Query, subscription=Subscription),
)
if seconds := os.environ.get("AUDIT_TEST_INIT_SECONDS"):
    from graphql_schema.transports import websocket

    websocket.INIT_SECONDS = float(seconds)
