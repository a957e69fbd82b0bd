"""The servers and people of the tests of transports, and what a client in JavaScript is told of them."""

from __future__ import annotations

from pathlib import Path

from tests.graphql_schema.transports.conftest import cookies, server, viewer
from tests.graphql_schema.transports.servers import FEED, headers_of
from tests.servers import Server

__all__ = ["HERE", "cookies", "environment", "server", "viewer"]

HERE = Path(__file__).parent


def environment(server: Server, cookies: dict[str, str]) -> dict[str, str]:
    """Return where the server is, who asks, and what."""
    return {
        "URL": f"http://127.0.0.1:{server.port}/graphql/",
        "COOKIE": headers_of(cookies)["Cookie"],
        "CSRF": cookies["csrftoken"],
        "QUERY": FEED,
    }
