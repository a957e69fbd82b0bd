"""Records that are gone."""

from __future__ import annotations

from django.db.models import Exists, Model, OuterRef, QuerySet

from audit_plugin.finder import EntryQuerySet
from audit_plugin.history.subjects import labels_of
from audit_plugin.models import Entry

#: What a deletion is called; a restore that undoes a creation deletes too.
ACTIONS = ("delete", "restore")


def deleted_records(model: type[Model] | str, *, entries: QuerySet[Entry] | None = None) -> EntryQuerySet:
    """Return the entries of the deletions of a model's records that have not come back, newest first.

    Args:
        model: The model or its label.
        entries: Only among these; give `visible_entries(user)` whenever a person is looking.
    """
    queryset = EntryQuerySet.over(Entry.objects.all() if entries is None else entries)
    # Whether a record has come back is asked of the whole log, of which the person may see a part.
    later = Entry.objects.using(queryset.db).filter(
        model=OuterRef("model"),
        object_id=OuterRef("object_id"),
        id__gt=OuterRef("id"),
        operation__in=["I", "D"],
    )
    deleted = queryset.restricted("model", labels_of(model)).restricted("action", ACTIONS)
    deleted = deleted.filter(operation="D").order_by("-id")
    return deleted.checked(~Exists(later))
