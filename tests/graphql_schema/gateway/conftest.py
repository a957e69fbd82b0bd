"""A gateway in front of two servers: a graphene host under WSGI, and the audit log under ASGI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphql_schema.sdl import COMMITTED
from tests.export.servers import Server
from tests.graphql_schema.transports.conftest import cookies, server, viewer
from tests.graphql_schema.transports.servers import running

__all__ = ["cookies", "server", "viewer"]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[Server]:
    with running("gunicorn", DJANGO_SETTINGS_MODULE="tests.graphql_schema.gateway.host_settings") as started:
        yield started


@pytest.fixture(scope="module")
def gateway(server: Server, host: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from tests.graphql_schema.gateway.host import schema

    node = shutil.which("node")
    assert node is not None
    sdl = tmp_path_factory.mktemp("gateway") / "host.graphql"
    sdl.write_text(str(schema), "utf-8")
    environment = {
        **os.environ,
        "HOST_URL": f"http://127.0.0.1:{host.port}/shop/",
        "HOST_SDL": str(sdl),
        "AUDIT_URL": f"http://127.0.0.1:{server.port}/graphql/",
        "AUDIT_SDL": str(COMMITTED),
    }
    process = subprocess.Popen([node, "gateway.mjs"], cwd=HERE, env=environment, stdout=subprocess.PIPE)
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
