"""What can be done with the log, gathered for the engines."""

from graphql_schema.exports import request_export
from graphql_schema.recording import record_event
from graphql_schema.restoring import preview_restore, restore

__all__ = ["preview_restore", "record_event", "request_export", "restore"]
