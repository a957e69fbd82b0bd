"""One record through time: its entries, its state at any of them, and records that are gone."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Exists, Model, OuterRef, QuerySet

from audit_plugin.conf import settings
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry


def history(
    model: type[Model] | str, object_id: Any, *, entries: QuerySet[Entry] | None = None
) -> QuerySet[Entry]:
    """Return all entries of one record, newest first, also under earlier names of its model and earlier keys.

    Args:
        model: The model or its label.
        object_id: The record's key, as an entry holds it.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    queryset = EntryQuerySet.over(Entry.objects.all() if entries is None else entries)
    return queryset.selected(model__in=labels_of(model), object_id=str(object_id)).order_by("-id")


def deleted_records(model: type[Model] | str, *, entries: QuerySet[Entry] | None = None) -> QuerySet[Entry]:
    """Return the entries of the deletions of a model's records that have not come back, newest first.

    Args:
        model: The model or its label.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    queryset = Entry.objects.all() if entries is None else entries
    later = Entry.objects.filter(
        model=OuterRef("model"),
        object_id=OuterRef("object_id"),
        id__gt=OuterRef("id"),
        operation__in=["I", "D"],
    )
    return queryset.filter(~Exists(later), model__in=labels_of(model), operation="D").order_by("-id")


def labels_of(model: type[Model] | str) -> list[str]:
    """Return the labels a model's records are under in the log: its own, its parents' and earlier names."""
    label = model.lower() if isinstance(model, str) else model._meta.label_lower
    labels = [label]
    try:
        known = apps.get_model(label)
    except (LookupError, ValueError):
        known = None
    if known is not None:
        concrete = known._meta.concrete_model or known
        labels = [
            concrete._meta.label_lower,
            *(parent._meta.label_lower for parent in concrete._meta.get_parent_list()),
        ]
    renamed = [old.lower() for old, new in settings.RENAMED_MODELS.items() if new.lower() in labels]
    return list(dict.fromkeys(labels + renamed))
