"""What went with a deletion: the record's other tables, its links, and by choice what was cascaded away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from audit_plugin.models import Entry
from audit_plugin.restore import relations
from audit_plugin.restore.names import Model, field_names, label_now, labels_of, model_of
from audit_plugin.restore.records import key_text


class Deletion:
    """Collects the entries of the same request that belong to one entry about a deleted (or created) record.

    Args:
        log: The entries of the database.
        entry: The entry.
        with_related: Whether cascaded records and emptied references belong to it.

    Attributes:
        ids: The entries.
        only: For entries about links of others: the linked keys that count.
    """

    def __init__(self, log: QuerySet[Entry], entry: Entry, *, with_related: bool = False) -> None:
        self.entry = entry
        self.with_related = with_related
        self.ids: set[UUID] = set()
        self.only: dict[str, list[Any]] = {}
        self._log = log.filter(context_id=entry.context_id).filter(self._window(log))

    def collect(self) -> None:
        """Find everything."""
        level = [self.entry]
        while level:
            self.ids |= {entry.pk for entry in level}
            found: list[Entry] = []
            for model, entries in _by_model(level):
                found += self._parts(model, entries)
                found += self._linked_records(model, entries)
                self._own_links(model, entries)
                self._links_of_others(model, entries)
                if self.with_related:
                    found += self._cascaded(model, entries)
                    self._emptied(model, entries)
            level = [
                entry for entry in {entry.pk: entry for entry in found}.values() if entry.pk not in self.ids
            ]

    def parts(self) -> set[UUID]:
        """Find the entries about the other tables of the record only."""
        level = [self.entry]
        found = {self.entry.pk}
        while level:
            further = [part for model, entries in _by_model(level) for part in self._parts(model, entries)]
            level = [entry for entry in further if entry.pk not in found]
            found |= {entry.pk for entry in level}
        return found

    def _window(self, log: QuerySet[Entry]) -> Q:
        """Between the neighbouring deletions (or creations) of the same record, if a request did it repeatedly."""
        entry = self.entry
        same = log.filter(
            model__in=labels_of(entry.model), object_id=entry.object_id, context_id=entry.context_id,
            operation=entry.operation,
        )  # fmt: skip
        window = Q()
        if (before := same.filter(pk__lt=entry.pk).order_by("-id").first()) is not None:
            window &= Q(pk__gt=before.pk)
        if (after := same.filter(pk__gt=entry.pk).order_by("id").first()) is not None:
            window &= Q(pk__lt=after.pk)
        return window

    def _parts(self, model: Model, entries: list[Entry]) -> list[Entry]:
        rows = self._log.filter(operation=self.entry.operation)
        found: list[Entry] = []
        for parent, pointer in relations.parents_of(model):
            keys = [key_text(value) for value in _values(entries, pointer)]
            found += rows.filter(model__in=labels_of(parent._meta.label_lower), object_id__in=keys)
        for child, pointer in relations.children_of(model):
            found += _referring(rows, child, pointer, entries)
        return found

    def _linked_records(self, model: Model, entries: list[Entry]) -> list[Entry]:
        """The rows of many-to-many tables that are models of their own."""
        rows = self._log.filter(operation="D")
        found: list[Entry] = []
        for link, name in [
            *((link, link.m2m_field_name()) for link in relations.links_of(model)),
            *((link, link.m2m_reverse_field_name()) for link in relations.links_to(model)),
        ]:
            through = link.remote_field.through
            if relations.own_table(through):
                found += _referring(rows, through, through._meta.get_field(name), entries)
        return found

    def _own_links(self, model: Model, entries: list[Entry]) -> None:
        keys = [entry.object_id for entry in entries]
        seen = set()
        rows = self._log.filter(
            operation="M", model__in=labels_of(model._meta.label_lower), object_id__in=keys
        )
        # The newest one of a field is the deletion's; before it the request may have removed links for good.
        for entry in rows.filter(details__through__isnull=True).order_by("-id"):
            for change in entry.field_changes:
                if change.removed and not change.added and (entry.object_id, change.field) not in seen:
                    self.ids.add(entry.pk)
                    self.only.pop(str(entry.pk), None)
                seen.add((entry.object_id, change.field))

    def _links_of_others(self, model: Model, entries: list[Entry]) -> None:
        for link in relations.links_to(model):
            if relations.own_table(link.remote_field.through):
                continue
            through = link.remote_field.through
            target = through._meta.get_field(link.m2m_reverse_field_name()).target_field
            gone = _values(entries, target)
            rows = self._log.filter(operation="M", model__in=labels_of(link.model._meta.label_lower))
            for name in field_names(link.model._meta.label_lower, link.name):
                for entry in rows.filter(changes__has_key=name):
                    removed = (entry.changes or {})[name]["removed"]
                    ours = [key for key in removed if key in gone]
                    if ours and entry.pk not in self.ids:
                        self.ids.add(entry.pk)
                        self.only[str(entry.pk)] = ours

    def _cascaded(self, model: Model, entries: list[Entry]) -> list[Entry]:
        rows = self._log.filter(operation="D")
        found: list[Entry] = []
        for child, reference in relations.references_to(model):
            if relations.own_table(child):
                found += _referring(rows, child, reference, entries)
        for child, relation in relations.generic_references_to(model):
            kind = ContentType.objects.db_manager(self._log.db).get_for_model(
                model, for_concrete_model=relation.for_concrete_model
            )
            keys = _values(entries, model._meta.pk)
            found += rows.filter(
                **{
                    "model__in": labels_of(child._meta.label_lower),
                    f"changes__{relation.content_type_field_name}": kind.pk,
                    f"changes__{relation.object_id_field_name}__in": [*keys, *map(key_text, keys)],
                }
            )
        return found

    def _emptied(self, model: Model, entries: list[Entry]) -> None:
        """References that became NULL because what they referred to went."""
        for child, reference in relations.references_to(model):
            rows = self._log.filter(operation="U", model__in=labels_of(child._meta.label_lower))
            values = _values(entries, reference.target_field)
            for name in field_names(child._meta.label_lower, reference.name):
                emptied = {f"changes__{name}__0__in": values, f"changes__{name}__1": None}
                self.ids |= set(rows.filter(**emptied).values_list("pk", flat=True))


def _by_model(entries: Iterable[Entry]) -> Iterator[tuple[Model, list[Entry]]]:
    grouped = defaultdict(list)
    for entry in entries:
        grouped[label_now(entry.model)].append(entry)
    for label, group in grouped.items():
        if (model := model_of(label)) is not None:
            yield model, group


def _values(entries: Iterable[Entry], field: Any) -> list[Any]:
    """The values that records had in a field, from the entries about their deletion or creation."""
    names = field_names(field.model._meta.label_lower, field.name)
    found = ((entry.changes or {}).get(name) for entry in entries for name in names)
    return [value for value in found if value is not None]


def _referring(rows: QuerySet[Entry], child: Model, reference: Any, entries: list[Entry]) -> list[Entry]:
    values = _values(entries, reference.target_field)
    found: list[Entry] = []
    for name in field_names(child._meta.label_lower, reference.name):
        found += rows.filter(
            **{"model__in": labels_of(child._meta.label_lower), f"changes__{name}__in": values}
        )
    return found
