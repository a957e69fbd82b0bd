"""Under which names and keys one record is in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from audit_plugin.conf import settings
from audit_plugin.filters.related import naming
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry

#: More changes of its key than this a record doesn't have.
MOST_KEYS = 50


@dataclass(frozen=True)
class Subject:
    """One table's part of a record.

    Attributes:
        label: The label of the table's model.
        key: The record's key in it, as entries hold it.
        model: The model; None where it no longer exists.
    """

    label: str
    key: str
    model: type[Model] | None

    def entries(self, entries: EntryQuerySet) -> EntryQuerySet:
        """Return the entries of this part, also under earlier names of the model and earlier keys."""
        return entries.selected(self.condition(entries))

    def condition(self, entries: EntryQuerySet) -> Q:
        """Return what tells the entries of this part from others."""
        labels = [self.label, *(old for old, new in _renamed().items() if new == self.label)]
        found = [_at(labels, self.key)]
        for key, before in _earlier_keys(entries, labels, self.key):
            found.append(_at(labels, key) & Q(id__lt=before))
        return reduce(or_, found)


def history(
    model: type[Model] | str, object_id: Any, *, entries: QuerySet[Entry] | None = None
) -> EntryQuerySet:
    """Return all entries of one record, newest first.

    That includes the tables of its multi-table parents, earlier names of its model (AUDIT_RENAMED_MODELS), what was
    recorded before its key was changed, and events that name it as one they concern.

    Args:
        model: The model or its label.
        object_id: The record's key, as an entry holds it.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    queryset = EntryQuerySet.over(Entry.objects.all() if entries is None else entries)
    parts = subjects(model, object_id, queryset)
    own = [part.condition(queryset) for part in parts]
    named = [naming(labels_of(part.label), part.key) for part in parts]
    return queryset.selected_any(*own, *named).order_by("-id")


def subjects(model: type[Model] | str, object_id: Any, entries: EntryQuerySet) -> list[Subject]:
    """Return the parts of a record: its own table first, then those of its multi-table parents.

    Args:
        model: The model or its label.
        object_id: The record's key.
        entries: Entries in which keys are looked up that are no longer in the tables.
    """
    label = model.lower() if isinstance(model, str) else model._meta.label_lower
    found = model_named(_renamed().get(label, label))
    if found is None:
        return [Subject(label, str(object_id), None)]
    own = Subject(found._meta.label_lower, str(object_id), found)
    return [own, *_parents(own, entries)]


def labels_of(model: type[Model] | str) -> list[str]:
    """Return the labels a model's own table is under in the log: today's, and earlier ones."""
    label = model.lower() if isinstance(model, str) else model._meta.label_lower
    found = model_named(_renamed().get(label, label))
    label = found._meta.label_lower if found is not None else label
    return [label, *(old for old, new in _renamed().items() if new == label)]


def to_key(model: type[Model], text: str) -> Any:
    """Return a key as the model's primary key has it.

    Raises:
        ValidationError: It is no key of this model.
    """
    fields = model._meta.pk_fields
    try:
        if len(fields) == 1:
            return fields[0].to_python(text)
        parts = json.loads(text)
        return tuple(field.to_python(part) for field, part in zip(fields, parts, strict=True))
    except (ValueError, TypeError) as error:
        raise ValidationError(str(error)) from error


def _parents(part: Subject, entries: EntryQuerySet) -> Iterator[Subject]:
    if part.model is None:
        return
    for parent, link in part.model._meta.parents.items():
        if link is None:
            continue  # A proxy's: the same table.
        key = part.key if link.primary_key else _linked(part, link.name, link.attname, entries)
        if key is not None:
            above = Subject(parent._meta.label_lower, key, parent)
            yield above
            yield from _parents(above, entries)


def _linked(part: Subject, name: str, attname: str, entries: EntryQuerySet) -> str | None:
    """Return the key of the parent's row: the record says, or the log of what it was made or removed with."""
    model = part.model
    if model is None:
        return None
    try:
        rows = model._base_manager.using(entries.db).filter(pk=to_key(model, part.key))
        value = rows.values_list(attname, flat=True).first()
    except ValidationError:
        return None
    if value is None:
        whole = part.entries(entries).filter(operation__in=["I", "B", "D"], changes__has_key=name)
        latest = whole.order_by("-id").first()
        value = latest.changes[name] if latest else None
    return None if value is None else str(value)


def _earlier_keys(entries: EntryQuerySet, labels: list[str], key: str) -> Iterator[tuple[str, UUID]]:
    """Yield earlier keys of a record, each with the id of the entry that changed it."""
    before: UUID | None = None
    for _number in range(MOST_KEYS):
        renamed = entries.selected(_at(labels, key)).filter(
            operation="U", details__has_key="previous_object_id"
        )
        if before is not None:
            renamed = renamed.filter(id__lt=before)
        change = renamed.order_by("-id").values_list("id", "details").first()
        if change is None:
            return
        before, key = change[0], str(change[1]["previous_object_id"])
        yield key, before


def _at(labels: list[str], key: str) -> Q:
    # One condition each: with a list of models the index would not give the entries in order.
    return reduce(or_, (Q(model=label, object_id=key) for label in labels))


def _renamed() -> dict[str, str]:
    return {old.lower(): new.lower() for old, new in settings.RENAMED_MODELS.items()}


def model_named(label: str) -> type[Model] | None:
    try:
        found = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    return found._meta.concrete_model or found
