"""Counting: exact as far as somebody reads the number, an estimate beyond."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from audit_plugin.conf import settings
from audit_plugin.models import Entry
from audit_plugin.pagination.pages import Page


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
    found = queryset.order_by()[: limit + 1].count()
    return Count(found) if found <= limit else Count(limit, capped=True)


def position(queryset: QuerySet[Entry], page: Page, *, cap: int | None = None) -> Count:
    """Return how many entries come before a page ordered by time: N - 1 of "N-M of total"."""
    if not page.entries:
        return Count(0)
    beyond = "id__gt" if page.order == "newest" else "id__lt"
    return count(queryset.filter(**{beyond: page.entries[0].id}), cap=cap)
