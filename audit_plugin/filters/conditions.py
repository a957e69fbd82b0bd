"""A filter as conditions on the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, QuerySet, UUIDField

from audit_plugin.filters.extra import extra_filters
from audit_plugin.filters.search import search
from audit_plugin.models import Context

if TYPE_CHECKING:
    from audit_plugin.filters.entry import EntryFilter

Q = TypeVar("Q", bound="QuerySet[Any]")

#: Columns that are simply compared.
EQUAL = {
    "actor": "actor_id",
    "action": "action",
    "model": "model",
    "channel": "channel",
    "object_id": "object_id",
    "tenant": "tenant",
    "context": "context_id",
    "restored_from": "restored_from",
}


class IsAnyOf(Func):
    """`value = ANY (ARRAY (subquery))`: the few values are looked up first, where IN may become a join."""

    template = "%(expressions)s"
    arg_joiner = " = ANY "
    output_field = BooleanField()


def narrow(queryset: Q, given: EntryFilter) -> Q:
    """Apply a filter; see `EntryFilter.apply`."""
    if given.validate():
        return queryset.none()
    equal = {column: getattr(given, field) for field, column in EQUAL.items() if getattr(given, field)}
    low, high = given.bounds()
    if low:
        equal["id__gte"] = low
    if high:
        equal["id__lt"] = high
    queryset = queryset.filter(**equal)
    if given.request_id:
        contexts = Context.objects.filter(request_id=given.request_id).values("id")
        queryset = queryset.filter(
            IsAnyOf(F("context_id"), ArraySubquery(contexts, output_field=UUIDField()))
        )
    if given.search:
        queryset = search(queryset, given.search)
    known = extra_filters()
    for name, value in given.extra.items():
        queryset = known[name].apply(queryset, known[name].clean(value))  # type: ignore[assignment]
    return queryset
