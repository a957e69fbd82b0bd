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


class Subscriber:
    """One connection, and when each name came."""

    def __init__(self) -> None:
        self.arrived: dict[bytes, float] = {}
        self.begun = asyncio.Event()

    async def run(self, port: int, request: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        rest = b""
        while piece := await reader.read(262_144):
            moment = time.time()
            if not self.begun.is_set() and b'"cursor"' in piece:
                self.begun.set()
            # A name may have been cut in two.
            for name in NAME.findall(rest + piece):
                self.arrived.setdefault(name, moment)
            rest = piece[-200:]


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
    clients = [Subscriber() for _ in range(subscribers)]
    tasks = [asyncio.create_task(client.run(port, request)) for client in clients]
    used = 0
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
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
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
