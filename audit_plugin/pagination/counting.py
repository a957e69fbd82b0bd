"""Counting: exact as far as somebody reads the number, an estimate beyond."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audit_plugin.conf import settings
from audit_plugin.finder import EntryQuerySet, count_up_to
from audit_plugin.models import Entry
from audit_plugin.pagination.pages import Page
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted


@dataclass(frozen=True)
class Count:
    """A number of entries.

    Attributes:
        value: The number.
        capped: Whether counting stopped, so that the number is an estimate: "about".
    """

    value: int
    capped: bool = False


def count(queryset: QuerySet[Entry], *, cap: int | None = None) -> Count:
    """Count entries.

    Args:
        queryset: The entries.
        cap: Up to where the number is exact; `AUDIT_COUNT_CAP` by default.
    """
    limit = settings.COUNT_CAP if cap is None else cap
    entries = EntryQuerySet.over(queryset)
    known = _counted(entries)
    # So far beyond the limit there is no need to look.
    if known > 2 * limit and not entries.narrowing.bounded:
        return Count(known, capped=True)
    found = count_up_to(entries, limit + 1)
    return Count(found) if found <= limit else Count(max(found, known or _planned(entries)), capped=True)


def _counted(entries: EntryQuerySet) -> int:
    """Return how many there are by the counts; 0 where these can't tell."""
    if not entries.precise or entries.narrowing.impossible:
        return 0
    return Rollup(entries.db).total(Wanted.of(entries.narrowing))


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
