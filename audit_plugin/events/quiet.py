"""Events that the plugin writes by itself: whatever goes wrong with them, what they are about goes on."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import replace
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction

from audit_plugin.conf import settings
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
        with _as(actor), transaction.atomic(alias) if inside else nullcontext():
            return write_events([event], using=alias, independent=independent)[0]
    except Exception:
        report_once(f"event {event.action}", "The event %s could not be recorded.", event.action)
        return None


def _as(actor: Any) -> Any:
    pk = getattr(actor, "pk", None)
    return nullcontext() if pk is None or resolved().actor.id == str(pk) else context(actor=actor)


#: Of many alike these are recorded, which says how many there were.
TELLING = frozenset(10**power for power in range(1, 10))


class Throttle:
    """Lets the first few of a kind through, then the 10th, the 100th …; and altogether no more than so many a minute.

    It counts in this process only, and remembers a bounded number of kinds: being attacked costs neither disk nor memory.

    Args:
        period: Seconds after which counting begins anew.
        kinds: How many kinds are remembered.
    """

    def __init__(self, period: float = 3600.0, kinds: int = 10_000) -> None:
        self._period, self._kinds = period, kinds
        self._counts: OrderedDict[Any, tuple[float, int]] = OrderedDict()
        self._minute, self._passed, self._held = 0.0, 0, 0
        self._lock = Lock()

    def count(self, kind: Any, first: int, per_minute: int) -> tuple[int, int] | None:
        """Count one more of a kind.

        Args:
            kind: What is counted, hashable.
            first: How many of a kind are let through one by one.
            per_minute: How many are let through altogether.

        Returns:
            Its number, and how many have been held back altogether since the last one was let through; None for one that is
            held back.
        """
        now = time.monotonic()
        with self._lock:
            since, number = self._counts.pop(kind, (now, 0))
            if now - since > self._period:
                since, number = now, 0
            number += 1
            self._counts[kind] = since, number
            if len(self._counts) > self._kinds:
                self._counts.popitem(last=False)
            if now - self._minute > 60:
                self._minute, self._passed = now, 0
            telling = number <= first or number in TELLING
            if not telling or self._passed >= per_minute:
                self._held += 1
                return None
            self._passed += 1
            held, self._held = self._held, 0
            return number, held

    def clear(self) -> None:
        """Forget everything, for tests."""
        with self._lock:
            self._counts.clear()
            self._minute, self._passed, self._held = 0.0, 0, 0
