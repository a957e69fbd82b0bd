"""Who looked at the log, itself in the log: once for each look, not for each page of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit_plugin.conf import settings
from audit_plugin.events import Event
from audit_plugin.events.quiet import write_quietly

VIEWED = "audit.viewed"


def record_view(user: Any, filters: Mapping[str, str] | None = None, *, using: str | None = None) -> bool:
    """Record that somebody looks at the log, if AUDIT_LOG_VIEWS says so and they have not just done so.

    Every page and query that shows entries to a person calls it, after it was decided that they may see them. What
    they look at is shown whatever happens here.

    Args:
        user: Who is looking.
        filters: What they look for, as it is written in a URL.
        using: The database alias.

    Returns:
        Whether an entry was written.
    """
    if not settings.LOG_VIEWS or not getattr(user, "is_authenticated", False):
        return False
    event = Event(
        VIEWED,
        "audit",
        details={"filters": dict(filters)} if filters else None,
        within=60.0 * settings.LOG_VIEWS_MINUTES,
        lazy=True,
    )
    return write_quietly(event, actor=user, using=using) is not None
