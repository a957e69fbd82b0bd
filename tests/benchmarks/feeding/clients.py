"""All subscribers in one process, as cheap as they can be: what is measured is the server."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, connections

from tests.graphql_schema.transports.servers import cookies_of
from tests.graphql_schema.transports.test_load import connections_in_use, request_of

NAME = re.compile(rb'"objectRepr":"(w[^"]+)"')
#: Where HTTP's chunked encoding divides what is sent. Events themselves have no carriage returns.
CHUNK = re.compile(rb"\r\n[0-9a-f]+\r\n")


class Subscriber(asyncio.Protocol):
    """One connection, and when each name came."""

    def __init__(self, request: bytes) -> None:
        self.arrived: dict[bytes, float] = {}
        self.begun = asyncio.Event()
        self._request = request
        self._rest = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Subscribe."""
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note the names."""
        moment = time.time()
        if not self.begun.is_set() and b'"cursor"' in data:
            self.begun.set()
        # A name may have been cut, more than once, also by the length of the next chunk.
        data = self._rest + data
        for name in NAME.findall(CHUNK.sub(b"", data)):
            self.arrived.setdefault(name, moment)
        self._rest = data[-200:]

    def leave(self) -> None:
        """Hang up."""
        self._transport.close()


def follow(
    port: int,
    subscribers: int,
    write: Callable[[], dict[str, float]],
    unrelated: Callable[[], AbstractContextManager[None]],
) -> dict[str, Any]:
    """Have many follow while others write, and return the figures."""
    user, _ = User.objects.get_or_create(username="follower", defaults={"is_superuser": True})
    request = request_of(cookies_of(user))
    connection.close()
    return asyncio.run(_follow(port, subscribers, request, write, unrelated))


async def _follow(port: int, subscribers: int, request: bytes, write: Any, unrelated: Any) -> dict[str, Any]:
    clients = [Subscriber(request) for _ in range(subscribers)]
    for client in clients:
        await asyncio.get_running_loop().create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    for client in clients:
        await asyncio.wait_for(client.begun.wait(), 120)
    used = await asyncio.to_thread(_connections)
    committing = asyncio.create_task(asyncio.to_thread(write))
    await asyncio.sleep(2)
    held = asyncio.create_task(asyncio.to_thread(_hold, unrelated))
    moments = await committing
    await held
    expected = {name.encode() for name in moments}
    deadline = time.time() + 60
    while time.time() < deadline and any(len(client.arrived) < len(expected) for client in clients):
        await asyncio.sleep(0.1)
    for client in clients:
        client.leave()
    waits = sorted(
        (client.arrived[name] - moments[name.decode()]) * 1000
        for client in clients
        for name in expected & set(client.arrived)
    )
    all_arrivals = [moment for client in clients for moment in client.arrived.values()]
    return {
        "subscribers": subscribers,
        "entries": len(expected),
        "missed": sum(len(expected - set(client.arrived)) for client in clients),
        "deliveries": len(waits),
        "per_second": len(waits) / (max(all_arrivals) - min(all_arrivals)),
        "p50": statistics.median(waits),
        "p99": waits[int(len(waits) * 0.99)],
        "connections": used,
    }


def _connections() -> int:
    try:
        return connections_in_use()
    finally:
        connections.close_all()


def _hold(unrelated: Any) -> None:
    with unrelated():
        time.sleep(3)
