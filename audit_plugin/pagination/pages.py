"""One page of entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from audit_plugin.finder import EntryQuerySet, take
from audit_plugin.models import Entry
from audit_plugin.pagination.cursors import ORDERS, Position, decode, encode
from audit_plugin.pagination.sorting import beyond, take_sorted

DEFAULT_SIZE = 50
MAX_SIZE = 100


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        entries: The entries with their contexts, in the page's order.
        order: One of `ORDERS`.
        size: How many entries a page has at most.
        has_next: Whether entries follow.
        has_previous: Whether entries come before.
        start_cursor: Give it as `before` to get the previous page.
        end_cursor: Give it as `after` to get the next page.
    """

    entries: list[Entry]
    order: str
    size: int
    has_next: bool
    has_previous: bool
    start_cursor: str | None
    end_cursor: str | None


def parse_size(text: Any, *, default: int = DEFAULT_SIZE, maximum: int = MAX_SIZE) -> int:
    """Return a page size from a URL: the default where it is no number, the maximum where it is too large."""
    try:
        size = int(text)
    except (TypeError, ValueError):
        return default
    return min(size, maximum) if size > 0 else default


def page(
    queryset: QuerySet[Entry],
    *,
    order: str = "newest",
    size: int = DEFAULT_SIZE,
    after: str | None = None,
    before: str | None = None,
    maximum: int = MAX_SIZE,
) -> Page:
    """Return one page.

    Args:
        queryset: Entries, filtered; its own order is replaced.
        order: One of `ORDERS`: `newest`, `oldest`, or by `action` or `model` (`-` for backwards).
        size: How many entries, `maximum` at most.
        after: The cursor that the page follows.
        before: The cursor that the page precedes; not together with `after`.
        maximum: What `size` is cut to.

    Raises:
        InvalidCursor: A cursor can't be read or belongs to another order.
        ValueError: `after` and `before` are both given, or there is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"There is no order {order!r}.")
    if after and before:
        raise ValueError("Give either `after` or `before`.")
    size = max(1, min(size, maximum))
    position = decode(order, after or before or "") if after or before else None
    entries = _take(queryset, order, bool(before), position, size + 1)
    more = len(entries) > size
    entries = entries[:size]
    if before:
        entries.reverse()
    prefetch_related_objects(entries, "context")
    return Page(
        entries=entries,
        order=order,
        size=size,
        has_next=bool(before) or more,
        has_previous=more if before else bool(after),
        start_cursor=encode(order, entries[0]) if entries else None,
        end_cursor=encode(order, entries[-1]) if entries else None,
    )


def _take(
    queryset: QuerySet[Entry], order: str, backwards: bool, position: Position | None, limit: int
) -> list[Entry]:
    column = ORDERS[order][1]
    entries = EntryQuerySet.over(queryset)
    if column is not None:
        return take_sorted(
            entries,
            column,
            backwards=backwards,
            descending=order.startswith("-"),
            position=position,
            limit=limit,
        )
    ascending = (order == "oldest") != backwards
    if position:
        entries = beyond(entries, position.id, ascending=ascending)
    return take(entries, ascending=ascending, limit=limit)
