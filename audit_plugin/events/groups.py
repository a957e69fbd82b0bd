"""Events and the changes that were made inside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from audit_plugin.events.references import GROUP, RELATED, Reference
from audit_plugin.filters.related import contexts_of, head_of
from audit_plugin.models import Entry


def event_of(entry: Entry) -> UUID | None:
    """Return what the changes made inside an event carry as `Context.event_id`; None if it is no such event."""
    text = (entry.details or {}).get(GROUP)
    try:
        return UUID(text) if text else None
    except (ValueError, TypeError, AttributeError):
        return None


def count_changes(heads: Iterable[Entry], entries: QuerySet[Entry]) -> Mapping[UUID, int]:
    """Return how many changes were made inside events, by the key that `event_of` returns, in one query.

    Args:
        heads: The entries of a page, of which few or none are such events.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    wanted = [event for head in heads if (event := event_of(head)) is not None]
    if not wanted:
        return {}
    inside = entries.filter(context__event_id__in=wanted, operation__isnull=False).order_by()
    return dict(inside.values_list("context__event_id").annotate(models.Count("id")))


def changes_of(entry: Entry, entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Return what was written inside an event, oldest first.

    Args:
        entry: The event.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    event = event_of(entry)
    if event is None:
        return entries.none()
    inside = list(contexts_of(event, entries.db).values_list("id", flat=True))
    return entries.filter(context_id__in=inside).order_by("id")


def event_around(entry: Entry, entries: QuerySet[Entry]) -> Entry | None:
    """Return the event that a change was made inside of, None where there is none or it may not be seen.

    Args:
        entry: The change, with its context.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    event = entry.context.event_id
    return None if event is None else entries.filter(head_of(event)).first()


def related_to(entry: Entry) -> list[Reference]:
    """Return the further records that an event concerns; `display.names_of_records` tells how they are called."""
    found = (entry.details or {}).get(RELATED)
    if not isinstance(found, list):
        return []
    return [
        Reference(str(item.get("model", "")), str(item.get("id", "")))
        for item in found
        if isinstance(item, dict)
    ]
