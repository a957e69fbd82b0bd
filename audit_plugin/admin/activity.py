"""The activity above the list: entries over time as the bars of an SVG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin.admin.address import Address
from audit_plugin.facets import Bar as Count
from audit_plugin.facets import Histogram
from audit_plugin.templatetags.audit_admin import local

#: The drawing's own units; the page stretches it to the room there is.
STEP, HEIGHT, GAP = 100, 480, 20
#: However few there are, a bar is no wider than a part of so many of the drawing.
NARROWEST = 30
#: Of bars below a day there are at least so many.
FEWEST = 12
#: A single entry among thousands still has to be seen.
SMALLEST = 30


@dataclass(frozen=True)
class Bar:
    """One bar, and where a click on it leads: anywhere in its part of the drawing, `step` wide from `left`."""

    left: int
    y: int
    height: int
    label: str
    url: str
    width: int
    step: int = STEP

    @property
    def x(self) -> int:
        return self.left + (self.step - self.width) // 2


@dataclass(frozen=True)
class Activity:
    """The whole drawing."""

    bars: list[Bar]
    caption: str = ""
    start: str = ""
    end: str = ""
    height: int = HEIGHT

    @property
    def width(self) -> int:
        return max(1, len(self.bars)) * STEP


def draw(histogram: Histogram, address: Address) -> Activity:
    """Lay out a histogram.

    Args:
        histogram: The counts.
        address: The list that a click narrows down.
    """
    counts = _padded(histogram.bars)
    highest = max((bar.count for bar in counts), default=0)
    if not highest:
        return Activity([])
    width = min(STEP - GAP, max(1, STEP * len(counts) // NARROWEST))
    # Most of these moments are the end of one bar and the start of the next.
    words = {moment: local(moment) for bar in counts for moment in (bar.start, bar.end)}
    label = _("%(start)s to %(end)s: %(n)s entries")
    if histogram.approximate:
        label = _("%(start)s to %(end)s: about %(n)s entries")
    bars = []
    for number, bar in enumerate(counts):
        height = max(SMALLEST, round(bar.count / highest * HEIGHT)) if bar.count else 0
        said = label % {"start": words[bar.start], "end": words[bar.end], "n": f"{bar.count:,}"}
        bars.append(Bar(number * STEP, HEIGHT - height, height, said, _url(bar, address), width))
    peak = ngettext("up to %(n)s entry per bar", "up to %(n)s entries per bar", highest)
    caption = peak % {"n": f"{highest:,}"}
    return Activity(bars, caption, words[counts[0].start], words[counts[-1].end])


def _padded(counts: list[Count]) -> list[Count]:
    """Put empty bars before the few of a log that has just begun, or there would be nothing to compare."""
    if not counts or counts[0].end - counts[0].start >= timedelta(days=1):
        return counts
    first, width = counts[0].start, counts[0].end - counts[0].start
    missing = range(max(0, FEWEST - len(counts)), 0, -1)
    return [*(Count(first - width * n, first - width * (n - 1), 0) for n in missing), *counts]


def _url(bar: Count, address: Address) -> str:
    since: date | datetime = bar.start
    last = bar.end - timedelta(milliseconds=1)
    until: date | datetime = last
    if _is_midnight(bar.start) and _is_midnight(bar.end):
        since, until = timezone.localdate(bar.start), timezone.localdate(last)
    return address.filtered(replace(address.filter, since=since, until=until, period=None).query())


def _is_midnight(moment: datetime) -> bool:
    return timezone.localtime(moment).time() == time.min
