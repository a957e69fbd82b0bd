"""Reading pages and single entries for somebody, within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from audit_plugin.connections import time_limit
from audit_plugin.display.labels import model_of
from audit_plugin.events import Reference, record_read
from audit_plugin.events.reads import is_personal
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry
from audit_plugin.pagination import DEFAULT_SIZE, page
from audit_plugin.viewing import record_view
from graphql_schema.errors import bad_input
from graphql_schema.ids import Kind, decode_id
from graphql_schema.spec import ID, Arguments
from graphql_schema.types import AuditEntryConnection, AuditOrder
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


def note_read(viewer: Viewer, label: str, object_id: str) -> None:
    """Record a look at the history of a record that is declared personal: it tells as much about a person as the record."""
    model = model_of(label)
    if model is not None and is_personal(model):
        with viewer.acting():
            record_read(Reference(label, object_id))


@dataclass(frozen=True)
class Window(Arguments):
    """Which part of a list.

    Attributes:
        first: How many, 50 unless you say so, 200 at most.
        after: The cursor that the page follows.
        last: How many from the end, or up to `before`; not together with `first`.
        before: The cursor that the page precedes; together with `last`.
    """

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def size(self) -> int:
        """Return how many entries are wanted.

        Raises:
            ApiError: These don't go together, or a size is out of range.
        """
        if self.first is not None and self.last is not None:
            raise bad_input(last=_("Give either `first` or `last`."))
        if (self.last is not None and self.after) or (self.before and (self.first is not None or self.after)):
            raise bad_input(before=_("Give `first` and `after`, or `last` and `before`."))
        name, size = ("first", self.first) if self.last is None else ("last", self.last)
        if size is None:
            return DEFAULT_SIZE
        if not 0 < size <= MAX_SIZE:
            raise bad_input(**{name: _("Give a number from 1 to %(most)d.") % {"most": MAX_SIZE}})
        return size


def connection(entries: EntryQuerySet, order: AuditOrder, window: Window) -> AuditEntryConnection:
    """Return a page of entries.

    Args:
        entries: The entries, filtered.
        order: Their order.
        window: Which of them.

    Raises:
        ApiError: There is no such window.
        InvalidCursor: A cursor is none of ours.
    """
    size = window.size()
    if window.last is not None and not window.before:
        # The end of a list is the beginning of its opposite.
        found = page(entries, order=OPPOSITE[order.value], size=size, maximum=MAX_SIZE)
        return AuditEntryConnection(Slice(found.entries[::-1], order.value, False, found.has_next, entries))
    found = page(
        entries, order=order.value, size=size, after=window.after, before=window.before, maximum=MAX_SIZE
    )
    return AuditEntryConnection(
        Slice(found.entries, order.value, found.has_next, found.has_previous, entries)
    )


def find(viewer: Viewer, id: ID) -> Entry | None:
    """Return an entry that somebody sees, with its context; None where there is none, whatever the reason.

    Raises:
        ApiError: The id is none of ours.
    """
    found = viewer.entries.filter(pk=decode_id(Kind.ENTRY, id)).first()
    if found is not None:
        prefetch_related_objects([found], "context")
    return found
