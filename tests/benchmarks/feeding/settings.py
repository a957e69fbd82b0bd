"""The tests' servers with the feed as it is by default."""

from tests.graphql_schema.transports.server_settings import *  # noqa: F403

del AUDIT_FEED_RECHECK_SECONDS, AUDIT_FEED_HEARTBEAT_SECONDS  # noqa: F821
