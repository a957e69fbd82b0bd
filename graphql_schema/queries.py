"""What can be asked of the log. The first argument is who is asking; docstrings are what clients read."""

from __future__ import annotations

from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from audit_plugin import facets as present
from audit_plugin.display import context_of
from audit_plugin.filters import EntryFilter
from audit_plugin.history import as_of, history
from audit_plugin.pagination import count
from graphql_schema.errors import ApiError, Code, bad_input
from graphql_schema.inputs import AuditEntryFilter, read_filter
from graphql_schema.reading import Window, connection, find, note_read, reading
from graphql_schema.spec import ID
from graphql_schema.types import (
    AuditCount,
    AuditEntry,
    AuditEntryConnection,
    AuditFacets,
    AuditHistogram,
    AuditOrder,
    AuditRecordState,
)
from graphql_schema.viewer import Viewer

MAX_BARS = 200
#: The first page.
START = Window()


@reading
def entries(
    viewer: Viewer,
    filter: AuditEntryFilter | None = None,
    order: AuditOrder = AuditOrder.NEWEST,
    window: Window = START,
) -> AuditEntryConnection:
    """The entries that you may see, a page at a time: any depth costs the same.

    Args:
        filter: Which entries.
        order: In which order.
    """
    found = read_filter(viewer, filter).apply(viewer.entries)
    return connection(found, order, window)


@reading
def entry(viewer: Viewer, id: ID) -> AuditEntry | None:
    """One entry; null where there is none, or where you may not see it.

    Args:
        id: Its id.
    """
    found = find(viewer, id)
    return AuditEntry(found) if found else None


@reading
def related_entries(
    viewer: Viewer,
    id: ID,
    order: AuditOrder = AuditOrder.OLDEST,
    window: Window = START,
) -> AuditEntryConnection:
    """Everything that was done in the same request, task or command as an entry, that entry included.

    Args:
        id: The id of the entry.
        order: In which order.
    """
    found = find(viewer, id)
    if found is None:
        raise ApiError(Code.NOT_FOUND, _("There is no such entry, or you may not see it."))
    request = context_of(found)
    same = (
        EntryFilter(request_id=request.request_id)
        if request and request.request_id
        else EntryFilter(context=found.context_id)
    )
    return connection(same.apply(viewer.entries), order, window)


@reading
def record_history(
    viewer: Viewer,
    model: str,
    object_id: str,
    order: AuditOrder = AuditOrder.NEWEST,
    window: Window = START,
) -> AuditEntryConnection:
    """Everything that happened to one record, also after it was deleted, renamed or given another key.

    Args:
        model: The label of its model, such as `shop.book`.
        object_id: Its key.
        order: In which order.
    """
    label = _record(viewer, model, object_id)
    found = connection(history(label, object_id, entries=viewer.entries), order, window)
    if found.nodes:
        note_read(viewer, label, object_id)
    return found


@reading
def record_as_of(
    viewer: Viewer, model: str, object_id: str, at: datetime | None = None, entry: ID | None = None
) -> AuditRecordState | None:
    """A record as it was; null where there are no entries of it that you may see.

    Args:
        model: The label of its model, such as `shop.book`.
        object_id: Its key.
        at: At which moment.
        entry: Right after which entry, in place of `at`.
    """
    label = _record(viewer, model, object_id)
    if (at is None) == (entry is None):
        raise bad_input(at=_("Give either `at` or `entry`."))
    when = find(viewer, entry) if entry else at
    # What the record is now may be used to tell what it was; who sees nothing of it is not to learn it that way.
    if when is None or not history(label, object_id, entries=viewer.entries).exists():
        return None
    state = as_of(label, object_id, when, entries=viewer.entries)
    if state.entry:
        prefetch_related_objects([state.entry], "context")
    note_read(viewer, label, object_id)
    return AuditRecordState(state)


@reading
def facets(viewer: Viewer) -> AuditFacets:
    """The values that are present in the log: the choices of filters."""
    return AuditFacets(present.facets(viewer.user))


@reading
def histogram(viewer: Viewer, filter: AuditEntryFilter | None = None, bars: int = 60) -> AuditHistogram:
    """How entries spread over time.

    Args:
        filter: Which entries.
        bars: How many bars at most, from 1 to 200.
    """
    if not 0 < bars <= MAX_BARS:
        raise bad_input(bars=_("Give a number from 1 to %(most)d.") % {"most": MAX_BARS})
    return AuditHistogram(present.histogram(read_filter(viewer, filter), viewer.user, buckets=bars))


@reading
def entry_count(viewer: Viewer, filter: AuditEntryFilter | None = None) -> AuditCount:
    """How many entries there are: exact up to a limit, an estimate beyond.

    Args:
        filter: Which entries.
    """
    return AuditCount(count(read_filter(viewer, filter).apply(viewer.entries)))


def _record(viewer: Viewer, model: str, object_id: str) -> str:
    """Return the label of a record's model, which the viewer has to see; the same rules as for a filter."""
    if empty := [name for name, value in (("model", model), ("objectId", object_id)) if not value.strip()]:
        raise bad_input(**dict.fromkeys(empty, _("This is missing.")))
    return str(read_filter(viewer, AuditEntryFilter(model=model, object_id=object_id)).model)
