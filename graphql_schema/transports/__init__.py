"""Subscriptions on their way to clients: server-sent events on the URL of queries, and WebSockets beside it."""

from graphql_schema.transports.dispatcher import AuditWebSockets

__all__ = ["AuditWebSockets"]
