"""Reading pages and single entries for somebody, within limits."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from audit_plugin.connections import time_limit
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry
from audit_plugin.pagination import DEFAULT_SIZE, page
from audit_plugin.viewing import record_view
from graphql_schema.errors import bad_input
from graphql_schema.ids import Kind, decode_id
from graphql_schema.spec import ID
from graphql_schema.types import AuditEntry, AuditEntryConnection, AuditOrder
from graphql_schema.types.pages import Slice
from graphql_schema.viewer import Viewer

MAX_SIZE = 200
OPPOSITE = {"newest": "oldest", "oldest": "newest"}

Operation = TypeVar("Operation", bound=Callable[..., Any])


def reading(operation: Operation) -> Operation:
    """Make a function an operation that reads: for who may view the log, and no longer than AUDIT_GRAPHQL_TIMEOUT."""

    @wraps(operation)
    def limited(viewer: Viewer, *args: Any, **kwargs: Any) -> Any:
        viewer.require()
        with time_limit(viewer.entries.db, settings.GRAPHQL_TIMEOUT):
            found = operation(viewer, *args, **kwargs)
        record_view(viewer.user)
        return found

    return limited  # type: ignore[return-value]


def connection(
    entries: EntryQuerySet,
    order: AuditOrder,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> AuditEntryConnection:
    """Return a page of entries.

    Args:
        entries: The entries, filtered.
        order: Their order.
        first: How many from the beginning, or from `after`.
        after: A cursor.
        last: How many from the end, or up to `before`.
        before: A cursor.

    Raises:
        ApiError: These don't go together, or a size is out of range.
        InvalidCursor: A cursor is none of ours.
    """
    if first is not None and last is not None:
        raise bad_input(last=_("Give either `first` or `last`."))
    if (last is not None and after) or (before and (first is not None or after)):
        raise bad_input(before=_("Give `first` and `after`, or `last` and `before`."))
    size = next((given for given in (first, last) if given is not None), DEFAULT_SIZE)
    if not 0 < size <= MAX_SIZE:
        name = "first" if last is None else "last"
        raise bad_input(**{name: _("Give a number from 1 to %(most)d.") % {"most": MAX_SIZE}})
    if last is not None and not before:
        # The end of a list is the beginning of its opposite.
        found = page(entries, order=OPPOSITE[order.value], size=size, maximum=MAX_SIZE)
        return AuditEntryConnection(Slice(found.entries[::-1], order.value, False, found.has_next, entries))
    found = page(entries, order=order.value, size=size, after=after, before=before, maximum=MAX_SIZE)
    return AuditEntryConnection(
        Slice(found.entries, order.value, found.has_next, found.has_previous, entries)
    )


def find(viewer: Viewer, id: ID) -> AuditEntry | None:
    """Return an entry that somebody sees; None where there is none, whatever the reason.

    Raises:
        ApiError: The id is none of ours.
    """
    entry = viewer.entries.filter(pk=decode_id(Kind.ENTRY, id)).first()
    return with_context(entry)


def with_context(entry: Entry | None) -> AuditEntry | None:
    """Return an entry for clients, its context read along with it."""
    if entry is None:
        return None
    prefetch_related_objects([entry], "context")
    return AuditEntry(entry)
