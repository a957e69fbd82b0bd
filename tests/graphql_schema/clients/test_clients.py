"""Clients that others wrote, against a real server: Node's and Python's, and generators of code on the schema."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport

from graphql_schema.sdl import COMMITTED
from tests.export.servers import Server
from tests.graphql_schema.transports.servers import FEED, running
from tests.testapp.models import Author

HERE = Path(__file__).parent
OPERATIONS = HERE / "operations.graphql"
ROOT = HERE.parents[2]

CREATED = """{
  auditEntries(filter: {model: "testapp.author", action: "create"}) { nodes { objectRepr } }
}"""

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").is_dir(),
    reason="needs Node and its packages: npm ci --prefix tests/graphql_schema/clients",
)


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


def run_node(*command: str, cwd: Path = HERE) -> str:
    found = subprocess.run(["node", *command], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    return found.stdout


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
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }
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


@needs_node
def test_graphql_codegen(tmp_path: Path) -> None:
    types = run_node("codegen.mjs", str(COMMITTED), str(OPERATIONS))
    (tmp_path / "types.ts").write_text(types, "utf-8")
    (tmp_path / "use.ts").write_text(
        "import type { FeedSubscription, UndoMutation } from './types';\n"
        "export const label = (step: FeedSubscription): string => step.auditFeed.entry?.badge.label ?? step.auditFeed.cursor;\n"
        "export const count = (done: UndoMutation): number =>\n"
        "  done.auditRestore.__typename === 'AuditRestoreDone' ? done.auditRestore.count : 0;\n",
        "utf-8",
    )
    compiler = HERE / "node_modules" / "typescript" / "bin" / "tsc"
    run_node(str(compiler), "--noEmit", "--strict", "--skipLibCheck", str(tmp_path / "use.ts"))


@needs_node
def test_relay_compiler(tmp_path: Path) -> None:
    shutil.copy(COMMITTED, tmp_path / "schema.graphql")
    source = tmp_path / "src"
    source.mkdir()
    (source / "Log.js").write_text(
        """import { graphql } from "relay-runtime";
export const list = graphql`
  fragment Log_entries on Query @refetchable(queryName: "LogPage")
  @argumentDefinitions(first: {type: "Int", defaultValue: 20}, after: {type: "String"}) {
    auditEntries(first: $first, after: $after) @connection(key: "Log_auditEntries") {
      edges { node { id description badge { role } } }
    }
  }
`;
export const feed = graphql`subscription LogFeedSubscription($after: String) {
  auditFeed(after: $after) { cursor entry { id description } }
}`;
""",
        "utf-8",
    )
    (tmp_path / "relay.config.json").write_text(
        json.dumps(
            {"src": "./src", "schema": "./schema.graphql", "language": "javascript", "eagerEsModules": True}
        )
    )
    (tmp_path / "package.json").write_text("{}")
    run_node(str(HERE / "node_modules" / "relay-compiler" / "cli.js"), "relay.config.json", cwd=tmp_path)
    made = {path.name for path in (source / "__generated__").iterdir()}
    assert {"LogPage.graphql.js", "Log_entries.graphql.js", "LogFeedSubscription.graphql.js"} <= made


@needs_node
def test_the_demos_bundle_is_what_the_packages_make(tmp_path: Path) -> None:
    committed = ROOT / "sample_project" / "static" / "vendor" / "urql.js"
    before = committed.read_bytes()
    script = json.loads((HERE / "package.json").read_text())["scripts"]["vendor"]
    made = tmp_path / "urql.js"
    command = script.replace("../../../sample_project/static/vendor/urql.js", str(made))
    subprocess.run(command, cwd=HERE, shell=True, check=True, capture_output=True, env=with_packages())
    assert made.read_bytes() == before


def with_packages() -> dict[str, str]:
    return {**os.environ, "PATH": f"{HERE / 'node_modules' / '.bin'}:{os.environ['PATH']}"}


def environment(server: Server, cookies: dict[str, str]) -> dict[str, str]:
    return {
        "URL": f"http://127.0.0.1:{server.port}/graphql/",
        "COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "CSRF": cookies["csrftoken"],
        "QUERY": FEED,
    }
