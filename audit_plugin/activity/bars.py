"""The bars of a histogram and where they begin and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from django.utils import timezone

#: Widths of bars below a day; all divide it.
WIDTHS = [timedelta(minutes=minutes) for minutes in (1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720)]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: entries from `start` up to, not including, `end`."""

    start: datetime
    end: datetime
    count: int


@dataclass(frozen=True)
class Histogram:
    """Entries over time.

    Attributes:
        bars: From old to new, without gaps. Where there are many entries, they are whole days or months of UTC.
        approximate: Whether the bars at the ends count whole days or months of which the filter wants a part, or some of the
            newest entries are not counted.
        truncated: Whether there are entries before the first bar, too many to be counted.
    """

    bars: list[Bar]
    approximate: bool = False
    truncated: bool = False


def edges(first: datetime, last: datetime, buckets: int) -> list[datetime]:
    """Return where bars begin, and where the last one ends: at round times of the current time zone.

    Args:
        first: A moment in the first bar.
        last: A moment in the last bar.
        buckets: How many bars at most.
    """
    width = next((width for width in WIDTHS if (last - first) / width < buckets - 1), None)
    found: list[datetime] = []
    if width is not None:
        midnight = _midnight(first)
        start = midnight + (first - midnight) // width * width
        while not found or found[-1] <= last:
            found.append(start + len(found) * width)
        return found
    day = timezone.localtime(first).date()
    step = -(-((timezone.localtime(last).date() - day).days + 1) // buckets)
    while not found or found[-1] <= last:
        found.append(_day_begins(day + timedelta(days=step * len(found))))
    return found


def day_bars(days: Mapping[date, int], first: date, last: date, buckets: int) -> list[Bar]:
    """Return bars of one or more whole days of UTC.

    Args:
        days: Counts by day.
        first: The first day.
        last: The last day.
        buckets: How many bars at most.
    """
    step = -(-((last - first).days + 1) // buckets)
    starts = [first + timedelta(days=number) for number in range(0, (last - first).days + 1, step)]
    return _summed(days, [*starts, last + DAY])


def month_bars(months: Mapping[date, int], first: date, last: date, buckets: int) -> list[Bar]:
    """Return bars of one or more whole months of UTC; the arguments are as those of `day_bars`."""
    begin, end = (day.year * 12 + day.month - 1 for day in (first, last))
    step = -(-(end + 1 - begin) // buckets)
    numbers = [*range(begin, end + 1, step), end + 1]
    return _summed(months, [date(number // 12, number % 12 + 1, 1) for number in numbers])


def _summed(counts: Mapping[date, int], starts: list[date]) -> list[Bar]:
    ordered = sorted(counts.items())
    bars, place = [], 0
    for start, end in pairwise(starts):
        total = 0
        while place < len(ordered) and ordered[place][0] < end:
            total += ordered[place][1] if ordered[place][0] >= start else 0
            place += 1
        bars.append(Bar(_utc(start), _utc(end), total))
    return bars


def _utc(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _midnight(moment: datetime) -> datetime:
    return _day_begins(timezone.localtime(moment).date())


def _day_begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)
