"""One WebSocket that speaks graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override

from audit_plugin.feed.stopping import is_stopping
from graphql_schema.engines import Operation
from graphql_schema.errors import ApiError, Code
from graphql_schema.http.persisted import document_of
from graphql_schema.transports.answers import encode
from graphql_schema.transports.operations import is_subscription, results

PROTOCOL = "graphql-transport-ws"
#: How long a client may take to introduce itself.
INIT_SECONDS = 10.0
#: How many subscriptions one connection may have at a time, and how long a message of a client may be.
MOST_SUBSCRIPTIONS = 50
MOST_CHARACTERS = 100_000

Message = MutableMapping[str, Any]


class Closed(Exception):
    """The connection is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class Connection:
    """A connection that has been accepted.

    Args:
        schema: A schema of Strawberry.
        request: What stands for the handshake.
        receive: Returns the next event of the connection.
        send: Sends one, and waits while the client is slow to read.
    """

    def __init__(
        self,
        schema: Any,
        request: HttpRequest,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.schema = schema
        self.request = request
        self._receive = receive
        self._send = send
        self._acknowledged = False
        self._initialised = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Answer messages until one side closes."""
        with override(getattr(self.request, "LANGUAGE_CODE", None)):
            reading = asyncio.create_task(self._read())
        timer = asyncio.get_running_loop().call_later(INIT_SECONDS, self._expect_init)
        ends: set[asyncio.Future[Any]] = {reading, self._failed}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            closed = self._failed.result() if self._failed.done() else reading.result()
            if closed is not None:
                await self._send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})
        finally:
            timer.cancel()
            tasks = [reading, *self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> Closed | None:
        """Answer messages; return why to close, None where the client has."""
        while (event := await self._receive())["type"] == "websocket.receive":
            try:
                await self._answer(_message_of(event))
            except Closed as closed:
                return closed
        return None

    async def _answer(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                await self._tell(type="pong", **_only(message, "payload"))
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id_of(message), message.get("payload"))
            case "complete":
                task = self._running.pop(_id_of(message), None)
                if task is not None:
                    task.cancel()
            case _:
                raise Closed(4400, "Unknown type of message")

    async def _init(self, payload: Any) -> None:
        if self._initialised:
            raise Closed(4429, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "The payload of connection_init is no object")
        self._initialised = True
        self.request.connection_params = payload or {}  # type: ignore[attr-defined]
        await self._tell(type="connection_ack")
        self._acknowledged = True

    def _expect_init(self) -> None:
        if not self._initialised:
            self._close(Closed(4408, "Connection initialisation timeout"))

    async def _subscribe(self, id: str, payload: Any) -> None:
        if not self._acknowledged:
            raise Closed(4401, "Unauthorized")
        if id in self._running:
            raise Closed(4409, f"Subscriber for {id} already exists")
        try:
            operation = _operation_of(payload)
        except ApiError as refused:
            await self._refuse(id, refused)
            return
        if len(self._running) >= MOST_SUBSCRIPTIONS:
            text = _("These are too many subscriptions on one connection.")
            await self._refuse(id, ApiError(Code.TOO_COMPLEX, text))
            return
        self._running[id] = asyncio.create_task(self._follow(id, operation))

    async def _follow(self, id: str, operation: Operation) -> None:
        try:
            if not is_subscription(self.schema, operation):
                # What is written here would have no author: the middleware that knows them sees requests only.
                await self._refuse(id, ApiError(Code.BAD_REQUEST, _("Send queries and mutations by HTTP.")))
                return
            failed = False
            async with aclosing(results(self.schema, self.request, operation)) as answers:
                async for answer in answers:
                    failed = answer.errors is not None
                    if failed:
                        await self._tell(type="error", id=id, payload=answer.errors)
                        break
                    await self._write(f'{{"type":"next","id":{encode(id)},"payload":{answer.text}}}')
            if is_stopping():
                self._close(Closed(1012, "Service restart"))
            elif not failed and self._running.get(id) is asyncio.current_task():
                await self._tell(type="complete", id=id)
        finally:
            if self._running.get(id) is asyncio.current_task():
                del self._running[id]

    def _close(self, closed: Closed) -> None:
        if not self._failed.done():
            self._failed.set_result(closed)

    async def _refuse(self, id: str, error: ApiError) -> None:
        await self._tell(type="error", id=id, payload=[dict(error.formatted)])

    async def _tell(self, **message: Any) -> None:
        await self._write(encode(message))

    async def _write(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})


def _message_of(event: Message) -> dict[str, Any]:
    text = event.get("text")
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        raise Closed(4400, "Send messages as text of moderate length")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Closed(4400, "This message is no JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(4400, "A message is an object with a type")
    return message


def _id_of(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not id:
        raise Closed(4400, "This message needs an id")
    return id


def _operation_of(payload: Any) -> Operation:
    kinds = {"query": str, "variables": dict, "operationName": str, "extensions": dict}
    if not isinstance(payload, dict) or any(
        payload.get(name) is not None and not isinstance(payload[name], kind) for name, kind in kinds.items()
    ):
        raise Closed(4400, "The payload of subscribe is no operation")
    # Where only persisted documents are executed, that holds here too.
    document = document_of(payload.get("query"), payload.get("extensions") or {})
    return Operation(document, payload.get("variables") or {}, payload.get("operationName"))


def _only(message: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: message[name]} if name in message else {}
