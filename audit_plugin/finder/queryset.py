"""A queryset of entries that knows what it is restricted to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet

from audit_plugin.finder.narrowing import Narrowing
from audit_plugin.models import AppendOnlyQuerySet, Entry


class EntryQuerySet(AppendOnlyQuerySet):
    """Entries. What a host filters on top only makes fewer of them, so the narrowing stays true.

    Attributes:
        narrowing: Conditions that all rows meet.
        precise: Whether these are all the conditions there are.
        alternatives: Querysets that together have the same rows, none of them twice, each of which an ordinary index has
            in order.
        candidates: The same without a condition that is dear to check, if there is such; see `checked`.
        scattered: Whether an ordinary index finds them in many places, so that it pays to sort keys rather than rows.
    """

    narrowing = Narrowing()
    precise = True
    scattered = False
    alternatives: tuple[Self, ...] = ()
    candidates: Self | None = None

    def restricted(self, column: str, values: Iterable[str | None]) -> Self:
        """Return the entries with one of some values in a column.

        Args:
            column: One of `audit_plugin.finder.narrowing.LETTERS`.
            values: The values; None stands for no value.
        """
        wanted = frozenset(values)
        given = sorted(value for value in wanted if value is not None)
        condition = Q(**{column: given[0]}) if len(given) == 1 else Q(**{f"{column}__in": given})
        if None in wanted:
            condition |= Q(**{f"{column}__isnull": True})
        return self._narrowed(self.filter(condition), self.narrowing.restricted(column, wanted))

    def between(self, low: UUID | None, high: UUID | None) -> Self:
        """Return the entries with an id from `low` up to, not including, `high`."""
        bounds = {"id__gte": low, "id__lt": high}
        found = self.filter(**{name: bound for name, bound in bounds.items() if bound is not None})
        if self.candidates is not None:
            found.candidates = self.candidates.between(low, high)
        return self._narrowed(found, self.narrowing.between(low, high))

    def matching(self, condition: Any, indexed: Any) -> Self:
        """Return the entries that meet a condition.

        Args:
            condition: The condition, as anything `filter` takes.
            indexed: One that the same entries meet, maybe more of them, and that an index can answer.
        """
        found = self.filter(condition)
        found.narrowing = self.narrowing.matching(indexed)
        return found

    def checked(self, condition: Any) -> Self:
        """Return the entries that meet a condition which takes a look of its own for each: only so many are ever counted."""
        found = self.filter(condition)
        found.candidates = self
        return found

    def selected_any(self, *conditions: Q) -> Self:
        """Return the entries that meet at least one of some conditions, each of which an ordinary index finds at once."""
        found = self.selected(reduce(or_, conditions))
        if len(conditions) > 1:
            found.alternatives = tuple(
                self.selected(condition, *(~before for before in conditions[:place]))
                for place, condition in enumerate(conditions)
            )
        return found

    def selected(self, *conditions: Any, **equal: Any) -> Self:
        """Return the entries that meet conditions by which an ordinary index finds them at once, being few."""
        found = self.filter(*conditions, **equal)
        found.narrowing = Narrowing()
        return found

    @classmethod
    def over(cls, queryset: QuerySet[Entry]) -> Self:
        """Return any queryset of entries as one of this kind."""
        if isinstance(queryset, cls):
            return queryset
        found = cls(queryset.model, queryset.query.chain(), queryset._db, queryset._hints)  # type: ignore[attr-defined]
        found.precise = not found.query.has_filters()
        return found.prefetch_related(*queryset._prefetch_related_lookups)  # type: ignore[attr-defined]

    def _narrowed(self, found: Self, narrowing: Narrowing) -> Self:
        found.narrowing, found.precise = narrowing, self.precise
        return found

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.narrowing, clone.precise = self.narrowing, self.precise
        clone.scattered, clone.alternatives = self.scattered, self.alternatives
        clone.candidates = self.candidates
        return clone

    def _filter_or_exclude(self, *args: Any) -> Self:
        found: Self = super()._filter_or_exclude(*args)  # type: ignore[misc]
        found.precise = False
        found.alternatives = tuple(part._filter_or_exclude(*args) for part in self.alternatives)
        if self.candidates is not None:
            found.candidates = self.candidates._filter_or_exclude(*args)
        return found

    def __or__(self, other: Any) -> Self:
        return self._wider(super().__or__(other))

    def __xor__(self, other: Any) -> Self:
        return self._wider(super().__xor__(other))

    def union(self, *others: Any, all: bool = False) -> Self:
        return self._wider(super().union(*others, all=all))

    def none(self) -> Self:
        return self._narrowed(super().none(), self.narrowing.between(None, UUID(int=0)))

    def _wider(self, combined: Any) -> Self:
        found: Self = combined
        found.narrowing, found.precise = Narrowing(), False
        found.scattered, found.alternatives, found.candidates = False, (), None
        return found
