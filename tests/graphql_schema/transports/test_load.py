"""Many clients, and bad ones: what a server holds stays small, and the others notice nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection, connections

from tests.graphql_schema.transports.servers import FEED, Subscriber, headers_of
from tests.servers import Server
from tests.testapp.models import Author, Book

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

MEGABYTE = 1024 * 1024
WITH_CHANGES = (
    "subscription ($after: String) { auditFeed(after: $after) { cursor entry { objectRepr rawChanges } } }"
)


def request_of(cookies: dict[str, str], query: str = FEED) -> bytes:
    body = json.dumps({"query": query}).encode()
    headers = {**headers_of(cookies), "Host": "127.0.0.1", "Content-Type": "application/json"}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["POST /graphql/ HTTP/1.1", *lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body


def hang_on(port: int, cookies: dict[str, str], query: str = FEED) -> socket.socket:
    """Subscribe, and read no more than the first step."""
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    client.sendall(request_of(cookies, query))
    found = b""
    while b'"cursor"' not in found:
        piece = client.recv(4096)
        assert piece
        found += piece
    assert b"200 OK" in found
    return client


def connections_in_use() -> int:
    """Return how many connections to the database there are, besides ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def closing_behind(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connections.close_all()


def count_of(server: Server, what: str) -> int:
    return len(list(Path(f"/proc/{server.pid}/{what}").iterdir()))


def eventually(condition: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_three_hundred_connect_at_once(server: Server, cookies: dict[str, str]) -> None:
    peak = 0

    async def one(begun: asyncio.Semaphore) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request_of(cookies))
        await reader.readuntil(b'"cursor"')
        begun.release()
        found = await reader.readuntil(b"everybody")
        writer.close()
        return found

    async def main() -> None:
        nonlocal peak
        begun = asyncio.Semaphore(0)
        clients = [asyncio.create_task(one(begun)) for _ in range(300)]
        for number in range(len(clients)):
            await asyncio.wait_for(begun.acquire(), 90)
            if number % 10 == 0:
                peak = max(peak, await asyncio.to_thread(closing_behind, connections_in_use))
        # Neither a thread nor a connection for each.
        assert count_of(server, "task") < 40
        await asyncio.to_thread(closing_behind, lambda: Author.objects.create(name="everybody"))
        await asyncio.wait_for(asyncio.gather(*clients), 60)

    Subscriber(server.port, cookies).begun().leave()
    server.reset_peak()
    before = server.peak()
    asyncio.run(main())
    assert peak <= 10
    assert server.peak() - before < 150 * MEGABYTE


def test_a_client_that_stops_reading(server: Server, viewer: User, cookies: dict[str, str]) -> None:
    viewer.user_permissions.add(Permission.objects.get(codename="view_book"))
    quick = Subscriber(server.port, cookies).begun()
    before = server.reset_peak()
    with ExitStack() as clients:
        stuck = [clients.enter_context(hang_on(server.port, cookies, WITH_CHANGES)) for _ in range(10)]
        check_slow_clients(server, quick, stuck, before)
    quick.leave()


def check_slow_clients(server: Server, quick: Subscriber, stuck: list[socket.socket], before: int) -> None:
    for number in range(150):
        Book.objects.create(title=f"b{number}", data={"text": "x" * 100_000})
    quick.until(lambda: "b149 ()" in quick.names, 60)
    # Fifteen megabytes of data for each of ten, and as much in JSON.
    assert server.peak() - before < 100 * MEGABYTE
    # Whoever reads on gets everything.
    slow = stuck.pop()
    found = b""
    while b'"b149 ()"' not in found[-400_000:]:
        piece = slow.recv(MEGABYTE)
        assert piece
        found += piece
    assert [f"b{n}" for n in range(150) if f'"objectRepr":"b{n} ()"'.encode() not in found] == []


def test_clients_that_hang_up(server: Server, cookies: dict[str, str]) -> None:
    Subscriber(server.port, cookies).begun().leave()
    assert eventually(lambda: connections_in_use() <= 2)
    files = count_of(server, "fd")
    for _ in range(3):
        clients = [hang_on(server.port, cookies) for _ in range(20)]
        for client in clients:
            # As a process does that is killed.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
    assert eventually(lambda: count_of(server, "fd") <= files + 3)
    assert connections_in_use() <= 6
    after = Subscriber(server.port, cookies).begun()
    Author.objects.create(name="Ann")
    after.until(lambda: after.names)
    after.leave()


@pytest.mark.parametrize(
    "request_text",
    [
        b"POST /graphql/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000000\r\n\r\n{",
        b"GET /graphql/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_wrong_protocols_disturb_nobody(server: Server, cookies: dict[str, str], request_text: bytes) -> None:
    other = Subscriber(server.port, cookies).begun()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(request_text)
        Author.objects.create(name="Ann")
        other.until(lambda: other.names)
    other.leave()
