"""A filter as conditions on the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet, UUIDField

from audit_plugin.conf import settings
from audit_plugin.filters.extra import extra_filters
from audit_plugin.filters.related import contexts_of, head_of, naming
from audit_plugin.filters.search import search
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Context, Entry
from audit_plugin.rollup import Rollup

if TYPE_CHECKING:
    from audit_plugin.filters.entry import EntryFilter

#: Columns with few values, by the filter's field.
SHARED = {
    "actor": "actor_id",
    "action": "action",
    "model": "model",
    "channel": "channel",
    "tenant": "tenant",
}


class IsAnyOf(Func):
    """`value = ANY (ARRAY (subquery))`: the few values are looked up first, where IN may become a join."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def narrow(queryset: QuerySet[Entry], given: EntryFilter) -> EntryQuerySet:
    """Apply a filter; see `EntryFilter.apply`."""
    entries = EntryQuerySet.over(queryset)
    if given.validate():
        return entries.none()
    entries = entries.between(*given.bounds())
    for field, column in SHARED.items():
        if value := getattr(given, field):
            entries = entries.restricted(column, [value])
    entries = _selected(entries, given)
    if given.search:
        entries = search(entries, given.search)
    known = extra_filters()
    for name, value in given.extra.items():
        entries = EntryQuerySet.over(known[name].apply(entries, known[name].clean(value)))
    return entries


def _selected(entries: EntryQuerySet, given: EntryFilter) -> EntryQuerySet:
    """Apply the conditions that few entries meet."""
    if given.restored_from:
        # Only a restore has one, and there is an index on actions as rare as that.
        entries = entries.filter(action="restore").selected(restored_from=given.restored_from)
    if given.context:
        entries = entries.selected(context_id=given.context)
    if given.request_id:
        contexts = Context.objects.using(entries.db).filter(request_id=given.request_id).values("id")
        same = IsAnyOf(F("context_id"), ArraySubquery(contexts, output_field=UUIDField()))
        entries = entries.selected(same)
    if given.event:
        inside = ArraySubquery(contexts_of(given.event, entries.db).values("id"), output_field=UUIDField())
        entries = entries.selected(Q(IsAnyOf(F("context_id"), inside)) | head_of(given.event))
    if given.related:
        label, _, key = given.related.partition(":")
        model = label.lower()
        labels = [
            model,
            *(old.lower() for old, new in settings.RENAMED_MODELS.items() if new.lower() == model),
        ]
        entries = entries.selected(Q(model__in=labels, object_id=key) | naming(labels, key))
    if given.object_id:
        # The index on records begins with the model, so one has to be named.
        named = {} if given.model else {"model__in": Rollup.now(entries.db).models()}
        entries = entries.selected(object_id=given.object_id, **named)
        entries.scattered = not given.model
    return entries
