"""Who has looked at a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from audit_plugin.finder import EntryQuerySet, take
from audit_plugin.history.subjects import labels_of
from audit_plugin.models import Context, Entry

CHANNEL = "pii-read"
#: Looks further back than this many are in the log itself.
MOST = 1000


@dataclass
class Viewer:
    """Somebody who has looked at a record.

    Attributes:
        context: What the latest look says about them.
        actor_id: `Entry.actor_id`.
        last: When they looked last.
        times: How many looks are recorded.
    """

    context: Context | None
    actor_id: str | None
    last: datetime
    times: int = 0


def reads_of(
    model: type[Model] | str, object_id: Any, *, entries: QuerySet[Entry] | None = None
) -> EntryQuerySet:
    """Return the looks at a record, newest first.

    Args:
        model: The model or its label.
        object_id: The record's key, as an entry holds it.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    queryset = EntryQuerySet.over(Entry.objects.all() if entries is None else entries)
    # A record may have a hundred thousand entries of which none is a look, so it is these that are looked for.
    found = queryset.restricted("model", labels_of(model)).restricted("channel", [CHANNEL])
    return found.filter(object_id=str(object_id)).order_by("-id")


def viewers(
    model: type[Model] | str, object_id: Any, *, entries: QuerySet[Entry] | None = None
) -> list[Viewer]:
    """Return who has looked at a record, the latest first; see `reads_of`."""
    found: dict[str | None, Viewer] = {}
    reads = reads_of(model, object_id, entries=entries).select_related("context")
    for entry in take(reads, ascending=False, limit=MOST):
        viewer = found.setdefault(entry.actor_id, Viewer(_context(entry), entry.actor_id, entry.occurred_at))
        viewer.times += 1
    return list(found.values())


def _context(entry: Entry) -> Context | None:
    try:
        return entry.context
    except Context.DoesNotExist:
        return None
