"""Gateways in front of two servers: a graphene host under WSGI, and the audit log under ASGI."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphql_schema import sdl
from graphql_schema.strawberry.federation import federated_schema
from tests.graphql_schema.node import run_node
from tests.graphql_schema.transports.conftest import cookies, viewer
from tests.graphql_schema.transports.servers import headers_of, running
from tests.servers import Server

__all__ = ["HERE", "ask", "cookies", "viewer", "without_place"]

HERE = Path(__file__).parent
FEDERATION = HERE.parent / "federation"


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Server]:
    """The audit log."""
    with running("uvicorn", DJANGO_SETTINGS_MODULE="tests.graphql_schema.gateway.audit_settings") as started:
        yield started


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[Server]:
    """The host."""
    with running("gunicorn", DJANGO_SETTINGS_MODULE="tests.graphql_schema.gateway.host_settings") as started:
        yield started


@pytest.fixture(scope="module")
def stitching(server: Server, host: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway that stitches the host's schema and the audit log's."""
    from tests.graphql_schema.gateway.host import schema

    written = tmp_path_factory.mktemp("gateway") / "host.graphql"
    written.write_text(str(schema), "utf-8")
    with gateway_of(
        "gateway.mjs",
        HOST_URL=f"http://127.0.0.1:{host.port}/shop/",
        HOST_SDL=str(written),
        AUDIT_URL=f"http://127.0.0.1:{server.port}/graphql/",
        AUDIT_SDL=str(sdl.COMMITTED),
    ) as started:
        yield started


@pytest.fixture(scope="module")
def federating(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway of what was composed of the audit log's subgraph and another."""
    folder = tmp_path_factory.mktemp("federation")
    written = folder / "audit.graphql"
    written.write_text(sdl.print_schema(federated_schema()), "utf-8")
    composed = folder / "supergraph.graphql"
    composed.write_text(run_node("compose.mjs", written, "tickets.graphql", cwd=FEDERATION), "utf-8")
    url = f"http://127.0.0.1:{server.port}/subgraph/"
    with gateway_of("federated.mjs", SUPERGRAPH=str(composed), AUDIT_URL=url) as started:
        yield started


@contextmanager
def gateway_of(program: str, **environment: str) -> Iterator[Server]:
    """Run a gateway, which prints its port."""
    process = subprocess.Popen(
        ["node", program], cwd=HERE, env={**os.environ, **environment}, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline()
        assert port, "the gateway does not start"
        yield Server(int(port), process)
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


def ask(
    server: Server,
    cookies: dict[str, str],
    query: str,
    *,
    path: str = "/graphql/",
    headers: dict[str, str] | None = None,
    **variables: Any,
) -> Any:
    """Return what a server answers."""
    given = headers_of(cookies) | {"Accept": "application/json"} | (headers or {})
    body = {"query": query, "variables": variables}
    return httpx.post(f"http://127.0.0.1:{server.port}{path}", json=body, headers=given, timeout=60).json()


def without_place(error: Any) -> Any:
    """Leave out where in the document, which a gateway writes anew for each service."""
    return {name: value for name, value in error.items() if name != "locations"}
