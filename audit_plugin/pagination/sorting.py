"""Entries in the order of a column, newest first within each value, without sorting more than a few.

Values are ordered by code point everywhere, so that a cursor means the same whichever way the page was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Collate

from audit_plugin.finder import EntryQuerySet, take, take_all
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
    rollup, wanted = Rollup.now(entries.db), Wanted.of(entries.narrowing)
    numbers = rollup.numbers(column, wanted)
    counted = entries.precise and not entries.narrowing.bounded and not wanted.by_actor
    if not counted or sum(numbers.values()) <= 2 * FEW:
        keys = take(entries.values_list(column, "id"), ascending=False, limit=FEW + 1)
        if len(keys) <= FEW:
            return _from_few(entries, keys, backwards, falling, position, limit)
    if not rollup.complete:
        return _by_sorting(entries, column, backwards, falling, position, limit)
    found: list[Entry] = []
    for values in _together(sorted(numbers, reverse=falling), numbers):
        if len(found) >= limit:
            break
        if position and (values[-1] > position.value if falling else values[-1] < position.value):
            continue
        part, missing = entries.restricted(column, values), limit - len(found)
        if sum(numbers[value] for value in values) <= FEW:
            keys = take_all(part.values_list(column, "id"))
            found += _from_few(part, keys, backwards, falling, position, missing)
            continue
        if position and values == [position.value]:
            part = beyond(part, position.id, ascending=backwards)
        found += take(part, ascending=backwards, limit=missing)
    return found


def _together(values: Iterable[str], numbers: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield values that follow one another and have few entries in all, any other value alone.

    To look for the entries of each of them would be to look through all months as many times.
    """
    group: list[str] = []
    for value in values:
        if group and sum(numbers[one] for one in [*group, value]) > FEW:
            yield group
            group = []
        group.append(value)
    if group:
        yield group


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
