"""Counting: exact as far as somebody reads the number, an estimate beyond."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audit_plugin.conf import settings
from audit_plugin.finder import EntryQuerySet, count_up_to, take
from audit_plugin.models import Entry
from audit_plugin.pagination.pages import Page
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted

#: So many entries are looked at where it takes a look of its own to know whether one counts.
CHECKED = 1_500


@dataclass(frozen=True)
class Count:
    """A number of entries.

    Attributes:
        value: The number.
        capped: Whether counting stopped, so that the number is an estimate: "about".
        least: Whether that estimate is the least there can be: "at least".
    """

    value: int
    capped: bool = False
    least: bool = False


def count(queryset: QuerySet[Entry], *, cap: int | None = None) -> Count:
    """Count entries.

    Args:
        queryset: The entries.
        cap: Up to where the number is exact; `AUDIT_COUNT_CAP` by default.
    """
    limit = settings.COUNT_CAP if cap is None else cap
    entries = EntryQuerySet.over(queryset)
    if entries.candidates is not None and not entries.narrowing.impossible:
        return _checked(entries, entries.candidates, limit)
    known = _counted(entries)
    # So far beyond the limit there is no need to look.
    if known > 2 * limit and not entries.narrowing.bounded:
        return Count(known, capped=True)
    found = count_up_to(entries, limit + 1)
    return Count(found) if found <= limit else Count(max(found, known or _planned(entries)), capped=True)


def _checked(entries: EntryQuerySet, candidates: EntryQuerySet, limit: int) -> Count:
    """Count the newest entries of which each has to be looked up by itself."""
    look_at = min(limit, CHECKED)
    ids = take(candidates.values_list("id", flat=True), ascending=False, limit=look_at + 1)
    if len(ids) <= look_at:
        return Count(count_up_to(entries, look_at) if ids else 0)
    found = count_up_to(entries.between(ids[look_at - 1], None), look_at)
    return Count(found, capped=True, least=True)


def _counted(entries: EntryQuerySet) -> int:
    """Return how many there are by the counts; 0 where these can't tell."""
    if not entries.precise or entries.narrowing.impossible:
        return 0
    return Rollup.now(entries.db).total(Wanted.of(entries.narrowing))


def _planned(entries: EntryQuerySet) -> int:
    plan = json.loads(entries.order_by().values("id").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def position(queryset: QuerySet[Entry], page: Page, *, cap: int | None = None) -> Count:
    """Return how many entries come before a page ordered by time: N - 1 of "N-M of total"."""
    if not page.entries:
        return Count(0)
    entries, first = EntryQuerySet.over(queryset), page.entries[0].id
    before = (
        entries.between(UUID(int=first.int + 1), None)
        if page.order == "newest"
        else entries.between(None, first)
    )
    return count(before, cap=cap)
