"""Who looked at the log, itself in the log: once for each look, not for each page of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from audit_plugin.conf import settings
from audit_plugin.events import Event, write_event
from audit_plugin.finder.ids import uuid_floor
from audit_plugin.models import Entry

VIEWED = "audit.viewed"


def record_view(user: Any, filters: Mapping[str, str] | None = None, *, using: str | None = None) -> bool:
    """Record that somebody looks at the log, if AUDIT_LOG_VIEWS says so and they have not just done so.

    Every page and query that shows entries to a person calls it, after it was decided that they may see them.

    Args:
        user: Who is looking: whom the current context names.
        filters: What they look for, as it is written in a URL.
        using: The database alias.

    Returns:
        Whether an entry was written.
    """
    if not settings.LOG_VIEWS or not getattr(user, "is_authenticated", False):
        return False
    begun = timezone.now() - timedelta(minutes=settings.LOG_VIEWS_MINUTES)
    looks = Entry.objects.using(using) if using else Entry.objects.all()
    # By the index on rare actions: what others do in that time is next to nothing.
    if looks.filter(action=VIEWED, actor_id=str(user.pk), id__gte=uuid_floor(begun)).exists():
        return False
    write_event(Event(VIEWED, "audit", details={"filters": dict(filters)} if filters else None), using=using)
    return True
