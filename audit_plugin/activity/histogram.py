"""Which way to count a filter's entries over time, and doing so."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit_plugin.activity.bars import Bar, Histogram, day_bars, edges, month_bars
from audit_plugin.filters import EntryFilter
from audit_plugin.finder import EntryQuerySet, Narrowing, spread, take
from audit_plugin.finder.ids import moment_of, uuid_floor
from audit_plugin.finder.narrowing import FIRST
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted, day_of
from audit_plugin.visibility import visible_entries

#: Up to so many entries are counted one by one.
EXACT = 50_000
#: Where there are no counts to go by, so many of the newest.
NEWEST = 1_500
#: Ranges up to this are too short for bars of days.
SHORT = timedelta(days=3)


def histogram(
    entry_filter: EntryFilter, user: Any, *, buckets: int = 60, using: str | None = None
) -> Histogram:
    """Return how the entries of a filter spread over time.

    Args:
        entry_filter: The filter.
        user: Who is looking.
        buckets: How many bars at most.
        using: The database alias.
    """
    return histogram_of(entry_filter.apply(visible_entries(user, using=using)), buckets=buckets)


def histogram_of(entries: EntryQuerySet, *, buckets: int = 60) -> Histogram:
    """Return how entries spread over time.

    Args:
        entries: The entries that somebody may see, filtered by an `EntryFilter`.
        buckets: How many bars at most.
    """
    if entries.narrowing.impossible:
        return Histogram([])
    if not entries.precise:
        return _newest(entries, buckets)
    wanted = Wanted.of(entries.narrowing)
    if _is_short(entries.narrowing):
        return _exact(entries, buckets) or _by_day(Rollup.now(entries.db), wanted, buckets)
    rollup = Rollup.now(entries.db)
    if not wanted.by_actor:
        days = rollup.days(wanted)
        # A young log, or a filter of a few days, would be a bar or two.
        few = days and max(days) - min(days) <= SHORT and sum(days.values()) <= EXACT
        return (few and _exact(entries, buckets)) or _bars(day_bars, days, wanted, buckets, rollup)
    months = rollup.months(wanted)
    if months and sum(months.values()) <= EXACT and (found := _exact(entries, buckets)):
        return found
    return _bars(month_bars, months, wanted, buckets, rollup)


def _by_day(rollup: Rollup, wanted: Wanted, buckets: int) -> Histogram:
    return _bars(day_bars, rollup.days(wanted), wanted, buckets, rollup)


def _bars(make: Any, counts: Any, wanted: Wanted, buckets: int, rollup: Rollup) -> Histogram:
    if not counts:
        return Histogram([], approximate=not rollup.complete)
    today = day_of(timezone.now())
    first = max(wanted.first or min(counts), min(counts))
    last = min(wanted.last or today, max(today, max(counts)))
    cut = make is month_bars or wanted.first is not None or wanted.last is not None
    return Histogram(make(counts, first, max(first, last), buckets), approximate=cut or not rollup.complete)


def _exact(entries: EntryQuerySet, buckets: int) -> Histogram | None:
    """Count one by one; None if there are too many."""
    narrowing = entries.narrowing
    oldest = [narrowing.low] if _is_short(narrowing) else take(_ids(entries), ascending=True, limit=1)
    if not oldest:
        return Histogram([])
    first = oldest[0]
    starts = edges(moment_of(first), max(moment_of(first), _end(narrowing)), buckets)
    bounds = [max(uuid_floor(start), narrowing.low) for start in starts]
    counts = spread(entries, bounds, EXACT)
    if counts is None:
        return None
    return Histogram([Bar(*ends, count) for ends, count in zip(pairwise(starts), counts, strict=True)])


def _newest(entries: EntryQuerySet, buckets: int) -> Histogram:
    """Count the newest, which may be all there are; if not, some are missing of the oldest bar."""
    narrowing = entries.narrowing
    ids = take(_ids(entries), ascending=False, limit=NEWEST + 1)
    if not ids:
        return Histogram([])
    truncated, ids = len(ids) > NEWEST, ids[:NEWEST]
    first = moment_of(narrowing.low if _is_short(narrowing) and not truncated else ids[-1])
    starts = edges(first, max(first, _end(narrowing)), buckets)
    ascending = sorted(ids)
    places = [bisect_left(ascending, uuid_floor(start)) for start in starts]
    bars = [
        Bar(start, end, after - before)
        for (start, end), (before, after) in zip(pairwise(starts), pairwise(places), strict=True)
    ]
    return Histogram(bars, approximate=truncated, truncated=truncated)


def _ids(entries: EntryQuerySet) -> Any:
    return entries.values_list("id", flat=True)


def _end(narrowing: Narrowing) -> datetime:
    last = moment_of(UUID(int=narrowing.high.int - 1))
    return min(last, timezone.now())


def _is_short(narrowing: Narrowing) -> bool:
    return narrowing.low != FIRST and _end(narrowing) - moment_of(narrowing.low) <= SHORT
