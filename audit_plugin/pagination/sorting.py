"""Entries in the order of a column, newest first within each value, without sorting more than a few.

Values are ordered by code point everywhere, so that a cursor means the same whichever way the page was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Collate

from audit_plugin.finder import EntryQuerySet, take
from audit_plugin.finder.narrowing import LAST
from audit_plugin.models import Entry
from audit_plugin.pagination.cursors import Position
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted

#: Up to so many entries are sorted as they are.
FEW = 2_000


def take_sorted(
    entries: EntryQuerySet,
    column: str,
    *,
    backwards: bool,
    descending: bool,
    position: Position | None,
    limit: int,
) -> list[Entry]:
    """Return the first entries of a page.

    Args:
        entries: The entries, filtered.
        column: The column.
        backwards: Whether the page is made from its end.
        descending: Whether the greatest value comes first.
        position: Where the page starts, not included.
        limit: How many.
    """
    falling = descending != backwards
    keys = take(entries.values_list(column, "id"), ascending=False, limit=FEW + 1)
    if len(keys) <= FEW:
        return _from_few(entries, keys, backwards, falling, position, limit)
    rollup = Rollup(entries.db)
    if not rollup.complete:
        return _by_sorting(entries, column, backwards, falling, position, limit)
    found: list[Entry] = []
    for value in sorted(rollup.values(column, Wanted.of(entries.narrowing)), reverse=falling):
        if len(found) >= limit:
            break
        if position and (value > position.value if falling else value < position.value):
            continue
        part = entries.restricted(column, [value])
        if position and value == position.value:
            part = beyond(part, position.id, ascending=backwards)
        found += take(part, ascending=backwards, limit=limit - len(found))
    return found


def beyond(entries: EntryQuerySet, id: UUID, *, ascending: bool) -> EntryQuerySet:
    """Return the entries after an id, or before it."""
    if ascending:
        return entries.between(UUID(int=min(id.int + 1, LAST.int)), None)
    return entries.between(None, id)


def _from_few(
    entries: EntryQuerySet,
    keys: list[tuple[str, UUID]],
    backwards: bool,
    falling: bool,
    position: Position | None,
    limit: int,
) -> list[Entry]:
    # Sorting is stable: by id first, then by value.
    ordered = sorted(
        sorted(keys, key=lambda key: key[1], reverse=not backwards), key=lambda key: key[0], reverse=falling
    )
    ids = [key[1] for key in ordered if position is None or _follows(key, position, backwards, falling)][
        :limit
    ]
    found = {entry.id: entry for entry in entries.filter(id__in=ids)} if ids else {}
    return [found[id] for id in ids if id in found]


def _follows(key: tuple[str, UUID], position: Position, backwards: bool, falling: bool) -> bool:
    value, id = key
    if value != position.value:
        return (value < position.value) == falling
    return (id > position.id) == backwards and id != position.id


def _by_sorting(
    entries: EntryQuerySet, column: str, backwards: bool, falling: bool, position: Position | None, limit: int
) -> list[Entry]:
    found = entries.annotate(audit_value=Collate(F(column), "C"))
    if position:
        same = Q(**{"audit_value": position.value, "id__gt" if backwards else "id__lt": position.id})
        found = found.filter(same | Q(**{f"audit_value__{'lt' if falling else 'gt'}": position.value}))
    order: Iterator[str] = (
        sign + name for sign, name in (("-" * falling, "audit_value"), ("-" * (not backwards), "id"))
    )
    return list(found.order_by(*order)[:limit])
