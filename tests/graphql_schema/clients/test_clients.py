"""Clients that others wrote, against a real server: Node's and Python's."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport

from tests.graphql_schema.clients.conftest import HERE, environment
from tests.graphql_schema.node import needs_packages
from tests.graphql_schema.transports.servers import FEED, headers_of, running
from tests.servers import Server
from tests.testapp.models import Author

CREATED = """{
  auditEntries(filter: {model: "testapp.author", action: "create"}) { nodes { objectRepr } }
}"""

needs_node = needs_packages(HERE)


class NodeClient:
    """A client that prints a line of JSON for each thing that it gets."""

    def __init__(self, script: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            ["node", script], cwd=HERE, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
        )

    def hear(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the client has ended"
        return json.loads(line)

    def entry(self) -> Any:
        """Return the next entry that arrives."""
        while True:
            heard = self.hear()
            if "data" in heard and heard["data"]["auditFeed"]["entry"]:
                return heard["data"]["auditFeed"]["entry"]

    def ended(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.wait(20)


@needs_node
@pytest.mark.django_db(transaction=True)
def test_graphql_sse_goes_on_after_a_restart_of_the_server(cookies: dict[str, str]) -> None:
    with running("uvicorn") as server:
        client = NodeClient("sse.mjs", **environment(server, cookies), STEPS="3")
        assert client.hear()["data"]["auditFeed"]["entry"] is None
        Author.objects.create(name="before")
        assert client.entry()["objectRepr"] == "before"
        port = server.port
    while client.hear() != {"cut": True}:
        pass
    Author.objects.create(name="meanwhile")
    with running("uvicorn", port=port):
        assert client.entry()["objectRepr"] == "meanwhile"
        Author.objects.create(name="after")
        assert client.entry()["objectRepr"] == "after"
        client.ended()


@needs_node
@pytest.mark.django_db(transaction=True)
def test_graphql_ws(server: Server, cookies: dict[str, str]) -> None:
    given = {**environment(server, cookies), "URL": f"ws://127.0.0.1:{server.port}/graphql/"}
    client = NodeClient("ws.mjs", **given, STEPS="1")
    assert client.hear()["data"]["auditFeed"]["entry"] is None
    Author.objects.create(name="Ann")
    assert client.entry()["objectRepr"] == "Ann"
    client.ended()
    stranger = NodeClient("ws.mjs", **{**given, "COOKIE": ""}, STEPS="1")
    assert stranger.hear()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    stranger.ended()


@pytest.mark.django_db(transaction=True)
def test_gql(server: Server, cookies: dict[str, str]) -> None:
    headers = {name: value for name, value in headers_of(cookies).items() if name != "Accept"}
    address = f"127.0.0.1:{server.port}/graphql/"

    async def main() -> list[Any]:
        socket = AIOHTTPWebsocketsTransport(url=f"ws://{address}", headers=headers)
        names = []
        async with Client(transport=socket) as session:
            async for result in session.subscribe(gql(FEED)):
                entry = result["auditFeed"]["entry"]
                if entry is None:
                    await asyncio.to_thread(create_in_thread, "Ann")
                    continue
                names.append(entry["objectRepr"])
                break
        http = AIOHTTPTransport(url=f"http://{address}", headers=headers)
        async with Client(transport=http, fetch_schema_from_transport=True) as session:
            found = await session.execute(gql(CREATED))
            names += [node["objectRepr"] for node in found["auditEntries"]["nodes"]]
        return names

    assert asyncio.run(main()) == ["Ann", "Ann"]


def create_in_thread(name: str) -> None:
    from django.db import connections

    Author.objects.create(name=name)
    connections.close_all()
