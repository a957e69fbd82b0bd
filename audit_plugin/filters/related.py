"""Records that events name beside their subject, and changes that belong to an event; an index answers each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from audit_plugin.models import Context

#: As the indexes of `capture/sql/tables_v1.sql` have them, of which they are looked up word for word.
_NAMES = """("audit_plugin_entry"."details" ? 'related' AND "audit_plugin_entry"."details"->'related' @> %s::jsonb)"""
_HEADS = """("audit_plugin_entry"."details" ? '_event' AND "audit_plugin_entry"."details"->>'_event' = %s)"""


def naming(labels: Iterable[str], object_id: str) -> Q:
    """Return the condition that an event names a record as one that it concerns.

    Args:
        labels: The labels of the record's model, today's and earlier ones.
        object_id: The record's key.
    """
    found = Q()
    for label in labels:
        wanted = json.dumps([{"model": label, "id": object_id}])
        found |= Q(RawSQL(_NAMES, [wanted], output_field=BooleanField()))  # noqa: S611
    return found


def head_of(event: UUID) -> Q:
    """Return the condition that an entry is the event itself."""
    return Q(RawSQL(_HEADS, [str(event)], output_field=BooleanField()))  # noqa: S611


def contexts_of(event: UUID, using: str) -> QuerySet[Context]:
    """Return the contexts of what was written inside an event."""
    return Context.objects.using(using).filter(event_id=event)
