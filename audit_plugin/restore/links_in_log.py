"""An entry about links: which other entries say the same thing from another side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet

from audit_plugin.models import Entry
from audit_plugin.restore.codes import Code
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.names import field_names, labels_of, model_of, renamed_fields
from audit_plugin.restore.records import key_text
from audit_plugin.restore.relations import own_table


def link_entries(log: QuerySet[Entry], entry: Entry) -> tuple[set[UUID], dict[str, list[Any]]]:
    """Return the entries to undo for an entry about links, and which linked keys count in them.

    Links of a table with a model of its own are undone by that model's entries. A symmetrical field has two
    rows for each link, of which each end has an entry.

    Args:
        log: The entries of the database.
        entry: An entry about links.

    Raises:
        RestoreError: The links' own entries are not in the log.
    """
    same = log.filter(context_id=entry.context_id)
    ids: set[UUID] = set()
    only: dict[str, list[Any]] = {}
    for change in entry.field_changes:
        link = find_link(entry.model, change.field)
        if link is not None and own_table(through := link.remote_field.through):
            ids |= _records(same, entry, link, through, {"I": change.added, "D": change.removed})
            continue
        ids.add(entry.pk)
        if link is not None and getattr(link.remote_field, "symmetrical", False):
            for mirror, keys in _mirrored(same, entry, change.field, [*change.added, *change.removed]):
                ids.add(mirror.pk)
                only[str(mirror.pk)] = keys
    if not ids:
        raise RestoreError(Code.NOTHING, "nothing_recorded")
    return ids, only


def find_link(label: str, name: str) -> Any:
    """Return the many-to-many field that the log calls `name`, None if there is none any more."""
    model = model_of(label)
    if model is None:
        return None
    name = renamed_fields().get(model._meta.label_lower, {}).get(name, name)
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if getattr(field, "many_to_many", False) and not field.auto_created else None


def _records(
    same: QuerySet[Entry], entry: Entry, link: Any, through: Any, keys: dict[str, Sequence[Any]]
) -> set[UUID]:
    """The entries about the rows behind the links: of several about one link those written by the same statement."""
    label = through._meta.label_lower
    nearest: dict[str, Entry] = {}
    for source in field_names(label, link.m2m_field_name()):
        for target in field_names(label, link.m2m_reverse_field_name()):
            for operation, linked in keys.items():
                rows = same.filter(model__in=labels_of(label), operation=operation)
                for row in rows.filter(**{f"changes__{target}__in": list(linked)}):
                    values: dict[str, Any] = row.changes or {}
                    if key_text(values.get(source)) != entry.object_id:
                        continue
                    known = nearest.get(key_text(values[target]))
                    if known is None or abs(row.seq - entry.seq) < abs(known.seq - entry.seq):
                        nearest[key_text(values[target])] = row
    return {row.pk for row in nearest.values()}


def _mirrored(
    same: QuerySet[Entry], entry: Entry, field: str, keys: list[Any]
) -> list[tuple[Entry, list[Any]]]:
    others = same.filter(
        model=entry.model,
        operation="M",
        object_id__in=[key_text(key) for key in keys],
        changes__has_key=field,
    ).exclude(pk=entry.pk)
    found = []
    for other in others:
        links = (other.changes or {})[field]
        ours = [key for key in [*links["added"], *links["removed"]] if key_text(key) == entry.object_id]
        if ours:
            found.append((other, ours))
    return found
