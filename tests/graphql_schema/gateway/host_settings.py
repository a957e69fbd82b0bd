"""Settings of the host, which shares its database and its sessions with the audit log's service."""

from tests.graphql_schema.transports.server_settings import *  # noqa: F403

ROOT_URLCONF = "tests.graphql_schema.gateway.host"
# The gateway.
AUDIT_TRUSTED_PROXIES = ["127.0.0.1"]
