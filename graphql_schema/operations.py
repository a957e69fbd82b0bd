"""All operations by the names they have in a schema, in Python's spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graphql_schema import exports, queries, recording, restoring, subscriptions

T = TypeVar("T")
Operations = Mapping[str, Callable[..., Any]]

QUERIES: Operations = {
    "audit_entries": queries.entries,
    "audit_entry": queries.entry,
    "audit_related_entries": queries.related_entries,
    "audit_record_history": queries.record_history,
    "audit_record_as_of": queries.record_as_of,
    "audit_facets": queries.facets,
    "audit_histogram": queries.histogram,
    "audit_entry_count": queries.entry_count,
    "audit_export": exports.export,
}

MUTATIONS: Operations = {
    "audit_preview_restore": restoring.preview_restore,
    "audit_restore": restoring.restore,
    "audit_request_export": exports.request_export,
    "audit_record_event": recording.record_event,
}

SUBSCRIPTIONS: Operations = {
    "audit_feed": subscriptions.feed,
}


def with_fields(
    operations: Operations, render: Callable[[Callable[..., Any]], Any]
) -> Callable[[type[T]], type[T]]:
    """Return a decorator that gives a class a field for each operation.

    Args:
        operations: The operations.
        render: Returns an engine's field for one.
    """

    def decorate(root: type[T]) -> type[T]:
        for name, operation in operations.items():
            setattr(root, name, render(operation))
        return root

    return decorate
