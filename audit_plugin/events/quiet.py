"""Events that the plugin writes by itself: whatever goes wrong with them, what they are about goes on."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction

from audit_plugin.conf import settings
from audit_plugin.context.actors import describe
from audit_plugin.context.hooks import report_once
from audit_plugin.context.resolve import resolved
from audit_plugin.context.scope import context
from audit_plugin.events.domain import in_transaction, is_lost
from audit_plugin.events.writing import Event, write_events
from audit_plugin.models import Entry

logger = logging.getLogger("audit_plugin")


def write_quietly(
    event: Event, *, actor: Any = None, durable: bool = False, using: str | None = None
) -> UUID | None:
    """Write an event; an error is logged, and the transaction around it stays usable.

    Args:
        event: The event.
        actor: Who did it, where the context doesn't say so.
        durable: Whether it stays when the transaction is rolled back.
        using: The database alias.

    Returns:
        The entry's id, None where nothing was written.
    """
    if not settings.CAPTURE:
        return None
    try:
        alias = using or router.db_for_write(Entry)
        lost = is_lost(alias)
        independent = durable and (lost or in_transaction(alias))
        if lost and not independent:
            return None
        inside = connections[alias].in_atomic_block and not independent
        if inside and event.lazy:
            event = replace(event, lazy=False)
        with acting_as(actor), transaction.atomic(alias) if inside else nullcontext():
            return write_events([event], using=alias, independent=independent)[0]
    except Exception:
        report_once(f"event {event.action}", "The event %s could not be recorded.", event.action)
        return None


def acting_as(actor: Any) -> AbstractContextManager[Any]:
    """Return a context in which what is written is somebody's; the current one, with whom they act for, if it is theirs already.

    Args:
        actor: Who it is, None to leave it as it is.
    """
    own = actor is None or resolved().actor.id == describe(actor).id
    return nullcontext() if own else context(actor=actor)
