"""One record in the log: it may be spread over several tables, and have had another key."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit_plugin.models import Entry
from audit_plugin.restore.names import Model, field_names, label_now, labels_of, model_of
from audit_plugin.restore.relations import children_of, parents_of


def key_text(value: Any) -> str:
    """Return a key as the log writes it, from its JSON value."""
    return value if isinstance(value, str) else json.dumps(value)


def parts(log: QuerySet[Entry], model: Model, key: str) -> list[tuple[str, str]]:
    """Return the labels and keys under which the log holds a record: that of the model, of its parents and children.

    Args:
        log: The entries of the database.
        model: The model.
        key: The record's key in the model's own table.
    """
    found = [(model._meta.label_lower, key)]
    for parent, pointer in _ancestors(model):
        parent_key = key if pointer.primary_key else _pointed_at(log, pointer, key)
        if parent_key is not None:
            found.append((parent._meta.label_lower, parent_key))
    return found + [(child._meta.label_lower, key) for child in _descendants(model)]


def part_labels(model: Model | None) -> list[str]:
    """Return the labels of the other tables that hold parts of a record under the same key."""
    if model is None:
        return []
    parents = [parent for parent, pointer in _ancestors(model) if pointer.primary_key]
    heirs = [heir for parent in (model, *parents) for heir in _descendants(parent)]
    return sorted({part._meta.label_lower for part in (*parents, *heirs)} - {model._meta.label_lower})


def condition(log: QuerySet[Entry], label: str, object_id: str) -> Q:
    """Return what the entries of one record have in common.

    Args:
        log: The entries of the database.
        label: The label of one of its models.
        object_id: Its key there.
    """
    model = model_of(label)
    tables = [(label_now(label), object_id)] if model is None else parts(log, model, object_id)
    together = Q()
    for name, key in tables:
        together |= Q(model__in=labels_of(name), object_id=key)
    return together


def saved_together(record: QuerySet[Entry], entry: Entry) -> tuple[UUID, UUID]:
    """Return the first and the last entry of the save that an entry is part of.

    One save of a model with parents writes several tables, the parents' first.

    Args:
        record: The entries of the record.
        entry: One of them.
    """
    model = model_of(entry.model)
    if model is None:
        return entry.pk, entry.pk
    ancestors = {label for parent, _ in _ancestors(model) for label in labels_of(parent._meta.label_lower)}
    descendants = {label for child in _descendants(model) for label in labels_of(child._meta.label_lower)}
    if not ancestors and not descendants:
        return entry.pk, entry.pk
    same = record.filter(context_id=entry.context_id, operation=entry.operation)
    older = _until_own(same.filter(pk__lt=entry.pk).order_by("-id"), entry, ancestors)
    newer = _until_own(same.filter(pk__gt=entry.pk).order_by("id"), entry, descendants)
    return (older or entry.pk), (newer or entry.pk)


def _until_own(entries: QuerySet[Entry], entry: Entry, wanted: set[str]) -> UUID | None:
    last = None
    for label, key in entries.values_list("model", "id")[:20]:
        if label not in wanted:
            break
        wanted = wanted - {label}
        last = key
    return last


def later_keys(log: QuerySet[Entry], entry: Entry) -> list[tuple[str, str]]:
    """Return the keys that a record got after an entry, by changes of its primary key.

    The log has no index for it, so it is asked only where the record is not there under the key it had.
    """
    model = model_of(entry.model)
    if model is None:
        return []
    found: list[tuple[str, str]] = []
    key, since = entry.object_id, entry.pk
    while not _is_there(log, model, key):
        later = log.filter(model__in=labels_of(entry.model), pk__gt=since)
        if later.filter(object_id=key, operation="D").exists():
            break
        moved = later.filter(operation="U", details__previous_object_id=key).order_by("id").first()
        if moved is None:
            break
        key, since = moved.object_id, moved.pk
        found.append((entry.model, key))
    return found


def _is_there(log: QuerySet[Entry], model: Model, key: str) -> bool:
    try:
        value = json.loads(key) if len(model._meta.pk_fields) > 1 else key
        return model._base_manager.using(log.db).filter(pk=value).exists()
    except (ValueError, TypeError):
        return False


def _ancestors(model: Model) -> list[tuple[Model, Any]]:
    found = []
    for parent, pointer in parents_of(model):
        found.append((parent, pointer))
        if pointer.primary_key:
            found += _ancestors(parent)
    return found


def _descendants(model: Model) -> list[Model]:
    found = []
    for child, pointer in children_of(model):
        if pointer.primary_key:
            found += [child, *_descendants(child)]
    return found


def _pointed_at(log: QuerySet[Entry], pointer: Any, key: str) -> str | None:
    """The parent's key, where it isn't the record's: from the newest entry that says it."""
    label = pointer.model._meta.label_lower
    for name in field_names(label, pointer.name):
        entry = (
            log.filter(model__in=labels_of(label), object_id=key, changes__has_key=name)
            .order_by("-id")
            .first()
        )
        if entry is not None:
            change = next(change for change in entry.field_changes if change.field == name)
            return key_text(change.old if entry.operation == "D" else change.new)
    return None
