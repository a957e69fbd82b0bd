"""Moments as bounds of ids: ids are ordered by time, so a range of time is a range of the primary key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def uuid_floor(moment: datetime) -> UUID:
    """Return the smallest id of a moment: no entry made then or later has a smaller one.

    Args:
        moment: An aware datetime. Before 1970 there are no ids, so that year's beginning stands for them.
    """
    return UUID(int=max(0, (moment - EPOCH) // _MILLISECOND) << 80)


def moment_of(id: UUID) -> datetime:
    """Return the moment an id was made, to the millisecond. A forged id may name one far in the future."""
    milliseconds = min(id.int >> 80, (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MILLISECOND)
    return EPOCH + milliseconds * _MILLISECOND


def start_of(value: date | datetime) -> datetime:
    """Return the first moment that `value` includes: a day begins at midnight in the current time zone."""
    if isinstance(value, datetime):
        return value if timezone.is_aware(value) else _aware(value)
    return _aware(datetime.combine(value, time.min))


def end_of(value: date | datetime) -> datetime:
    """Return the first moment after `value`: days end at midnight, moments with their millisecond."""
    try:
        if isinstance(value, datetime):
            return start_of(value) + _MILLISECOND
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
