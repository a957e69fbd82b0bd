"""Dates as moments, and ready-made periods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit_plugin.finder.ids import MILLISECOND


def start_of(value: date | datetime) -> datetime:
    """Return the first moment that `value` includes: a day begins at midnight in the current time zone."""
    if isinstance(value, datetime):
        return value if timezone.is_aware(value) else _aware(value)
    return _aware(datetime.combine(value, time.min))


def end_of(value: date | datetime) -> datetime:
    """Return the first moment after `value`: days end at midnight, moments with their millisecond."""
    try:
        if isinstance(value, datetime):
            return start_of(value) + MILLISECOND
        return start_of(value + timedelta(days=1))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _aware(value: datetime) -> datetime:
    try:
        return timezone.make_aware(value)
    except (OverflowError, ValueError):
        # The first and last days of the calendar have no neighbours to shift into.
        return value.replace(tzinfo=UTC)


def _this_month() -> datetime:
    return start_of(timezone.localdate().replace(day=1))


#: Ready-made ranges that end now, by their name in the URL: a label, and a function that returns the start.
PERIODS: dict[str, tuple[str | Promise, Callable[[], datetime]]] = {
    "24h": (_("Last 24 hours"), lambda: timezone.now() - timedelta(hours=24)),
    "7d": (_("Last 7 days"), lambda: timezone.now() - timedelta(days=7)),
    "30d": (_("Last 30 days"), lambda: timezone.now() - timedelta(days=30)),
    "month": (_("This month"), _this_month),
}
