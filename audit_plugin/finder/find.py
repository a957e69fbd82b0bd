"""Take the newest or oldest entries of a queryset, or count them, at a cost that doesn't depend on luck.

First the few thousand entries nearest to where the page starts are looked at: whatever is frequent is found there. What
isn't is rare near there, so it is looked up, month after month, in the index that complete months have.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models.query import FlatValuesListIterable

from audit_plugin.finder.narrowing import FIRST, Narrowing
from audit_plugin.finder.ranges import Range, ranges
from audit_plugin.models import Entry

#: How many entries are looked at before the index is asked; fewer where each look is dear, as at the words of a name.
NEAR = 6_000
NEAR_WORDS = 1_000

#: A month is looked at when, and only if, it is its turn: PostgreSQL evaluates a CTE as far as it is read.
_WALK = """
    WITH RECURSIVE {months}, audit_walk (step, found, total) AS (
        SELECT 0, '{{}}'::uuid[], 0
         UNION ALL
        SELECT step + 1, month.ids, total + cardinality(month.ids)
          FROM audit_walk CROSS JOIN LATERAL (SELECT CASE step {turns} END AS ids) AS month
         WHERE step < %s AND total < %s
    )
    SELECT unnest(found) FROM audit_walk
"""
#: So many months are looked at one by one; older ones by half years.
SINGLE_MONTHS = 24
OLDER_MONTHS = 6
#: Where the first month is divided, the last number being its length: what is frequent is found in a part, at a part of the cost.
PARTS = (1, 4, 16)
#: After how many steps it is looked whether there is enough.
AT_ONCE = (len(PARTS), 8)


def take(queryset: Any, *, ascending: bool, limit: int) -> list[Any]:
    """Return the first entries in the order of time, or whatever the queryset makes of them.

    Args:
        queryset: Entries in any order.
        ascending: Whether the oldest come first.
        limit: How many.
    """
    order = "id" if ascending else "-id"
    narrowing: Narrowing = getattr(queryset, "narrowing", Narrowing())
    if narrowing.impossible:
        return []
    if not narrowing or narrowing.ordered_by_index:
        if getattr(queryset, "scattered", False):
            queryset = queryset.filter(id__in=_scattered(queryset, ascending, limit))
        elif getattr(queryset, "alternatives", ()):
            queryset = queryset.filter(id__in=_alternatives(queryset, ascending, limit))
        return list(queryset.order_by(order)[:limit])
    low, high = _beyond_near(queryset, narrowing, ascending)
    near = queryset.filter(id__gte=high) if not ascending else queryset.filter(id__lt=low)
    if low >= high:
        near = queryset
    found = list(near.order_by(order)[:limit])
    for run in _runs(queryset.db, low, high, ascending):
        if len(found) >= limit:
            break
        found += _take_run(queryset, narrowing, run, ascending, limit - len(found))
    return found


def take_all(queryset: Any) -> list[Any]:
    """Return all entries in no order, or whatever the queryset makes of them.

    Args:
        queryset: Entries, of which there should be few.
    """
    return [row for part in _parts(queryset.order_by()) for row in part]


def _scattered(queryset: Any, ascending: bool, limit: int) -> list[UUID]:
    """Return the first ids, of all that there are: a planner that sees the LIMIT would rather walk the whole log."""
    try:
        sql, params = queryset.order_by().values("id").query.get_compiler(queryset.db).as_sql()
    except EmptyResultSet:
        return []
    with connections[queryset.db].cursor() as cursor:
        direction = "ASC" if ascending else "DESC"
        cursor.execute(
            f"SELECT id FROM ({sql} OFFSET 0) AS found ORDER BY id {direction} LIMIT %s", [*params, limit]
        )
        return [row[0] for row in cursor.fetchall()]


def _alternatives(queryset: Any, ascending: bool, limit: int) -> list[UUID]:
    """Return the first ids of each alternative: asked for all of them together, a planner walks the whole log."""
    ids: set[UUID] = set()
    for part in queryset.alternatives:
        ids.update(part.order_by("id" if ascending else "-id").values_list("id", flat=True)[:limit])
    return sorted(ids, reverse=not ascending)[:limit]


def count_up_to(queryset: Any, limit: int) -> int:
    """Return how many entries there are, or `limit` if there are at least that many.

    Args:
        queryset: Entries.
        limit: Where to stop.
    """
    found = 0
    for part in _parts(queryset.order_by()):
        if found < limit:
            found += part[: limit - found].count()
    return found


def spread(queryset: Any, bounds: list[UUID], limit: int) -> list[int] | None:
    """Count entries between bounds.

    Args:
        queryset: Entries.
        bounds: Ids in ascending order.
        limit: How many entries to look at most.

    Returns:
        For each pair of neighbouring bounds the number from the first up to, not including, the second; None if there are
        more than `limit` altogether.
    """
    counts = [0] * (len(bounds) + 1)
    for part in _parts(queryset.order_by().values("id")):
        try:
            sql, params = part[: limit + 1].query.get_compiler(queryset.db).as_sql()
        except EmptyResultSet:
            continue
        with connections[queryset.db].cursor() as cursor:
            cursor.execute(
                f"SELECT width_bucket(id, %s::uuid[]), count(*) FROM ({sql}) AS found GROUP BY 1",
                [bounds, *params],
            )
            for place, number in cursor.fetchall():
                counts[place] += number
        if sum(counts) > limit:
            return None
    return counts[1:-1]


def _parts(queryset: Any) -> Iterator[Any]:
    """Yield the entries in parts, each asked in the way that suits it."""
    if queryset.alternatives:
        yield from (part.order_by().values("id") for part in queryset.alternatives)
        return
    narrowing: Narrowing = getattr(queryset, "narrowing", Narrowing())
    if narrowing.impossible:
        return
    if not narrowing or narrowing.indexed:
        yield queryset
        return
    for indexed, run in groupby(ranges(queryset.db), key=lambda item: item.indexed != "none"):
        parts = [part for item in run if (part := item.within(narrowing.low, narrowing.high))]
        if parts:
            part = queryset.filter(id__gte=parts[0].low, id__lt=parts[-1].high)
            yield part.filter(*narrowing.expressions()) if indexed else part


def _beyond_near(queryset: Any, narrowing: Narrowing, ascending: bool) -> tuple[UUID, UUID]:
    """Return the range that is left beyond the entries nearest to the start; an empty one if these are all."""
    low, high = narrowing.low, narrowing.high
    entries = Entry.objects.using(queryset.db).filter(id__gte=low, id__lt=high)
    ids = entries.order_by("id" if ascending else "-id").values_list("id", flat=True)
    near = min(NEAR, NEAR_WORDS) if narrowing.conditions and not narrowing.values else NEAR
    edge = next(iter(ids[near : near + 1]), None)
    if edge is None:
        return FIRST, FIRST
    return (edge, high) if ascending else (low, edge)


def _runs(using: str, low: UUID, high: UUID, ascending: bool) -> Iterator[list[Range]]:
    """Yield neighbouring ranges that can be asked alike, in the order of the page."""
    parts = [part for item in ranges(using) if (part := item.within(low, high))]
    for _indexed, run in groupby(parts if ascending else reversed(parts), key=lambda part: part.indexed):
        yield list(run)


def _take_run(
    queryset: Any, narrowing: Narrowing, run: list[Range], ascending: bool, limit: int
) -> list[Any]:
    order = "id" if ascending else "-id"
    if run[0].indexed != "all":
        part = queryset.filter(id__gte=min(one.low for one in run), id__lt=max(one.high for one in run))
        if run[0].indexed == "part":
            part = part.filter(*narrowing.expressions())
        return list(part.order_by(order)[:limit])
    steps = list(_steps(run, ascending))
    ids: list[UUID] = []
    # Planning a step takes longer than most of them run, so the first few are asked for alone.
    for first, last in pairwise([0, *AT_ONCE, len(steps)]):
        if len(ids) < limit and first < len(steps):
            ids += _walk(queryset, narrowing, steps[first:last], order, limit - len(ids))
    if queryset._fields == ("id",) and queryset._iterable_class is FlatValuesListIterable:
        return ids
    return list(queryset.filter(id__in=ids).order_by(order)) if ids else []


def _walk(
    queryset: Any, narrowing: Narrowing, steps: list[tuple[UUID, UUID]], order: str, limit: int
) -> list[UUID]:
    """Go through ranges of complete months one by one, in one query, until there is enough."""
    conditions = list(narrowing.expressions())
    months, params = [], []
    for number, (low, high) in enumerate(steps):
        month = queryset.filter(*conditions, id__gte=low, id__lt=high).order_by(order).values("id")[:limit]
        try:
            sql, given = month.query.get_compiler(queryset.db).as_sql()
        except EmptyResultSet:
            return []
        months.append(f"audit_month_{number} AS MATERIALIZED (SELECT ARRAY({sql}) AS ids)")
        params += given
    turns = " ".join(
        f"WHEN {number} THEN (SELECT ids FROM audit_month_{number})" for number in range(len(months))
    )
    with connections[queryset.db].cursor() as cursor:
        sql = _WALK.format(months=", ".join(months), turns=turns)
        cursor.execute(sql, [*params, len(months), limit])
        return [row[0] for row in cursor.fetchall()][:limit]


def _steps(run: list[Range], ascending: bool) -> Iterator[tuple[UUID, UUID]]:
    """Yield the ranges to look at: parts of the first month, months, half years."""
    first = run[0]
    edge = first.low if ascending else first.high
    for share in PARTS:
        length = (first.high.int - first.low.int) * share // PARTS[-1]
        end = UUID(int=first.low.int + length if ascending else first.high.int - length)
        yield min(edge, end), max(edge, end)
        edge = end
    position = 1
    while position < len(run):
        size = 1 if position < SINGLE_MONTHS else OLDER_MONTHS
        months = run[position : position + size]
        yield min(month.low for month in months), max(month.high for month in months)
        position += size
