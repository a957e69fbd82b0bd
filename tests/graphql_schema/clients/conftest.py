"""The servers and people of the tests of transports."""

from tests.graphql_schema.transports.conftest import cookies, server, viewer

__all__ = ["cookies", "server", "viewer"]
