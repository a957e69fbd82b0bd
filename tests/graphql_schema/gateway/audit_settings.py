"""Settings of the audit log's service behind the gateway."""

from tests.graphql_schema.transports.server_settings import *  # noqa: F403

ROOT_URLCONF = "tests.graphql_schema.gateway.audit"
# The gateway.
AUDIT_TRUSTED_PROXIES = ["127.0.0.1"]
