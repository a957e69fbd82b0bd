"""Who changed something since, and when: from the entry that is not to be undone."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import lazystr
from django.utils.timezone import localtime

from audit_plugin.models import Entry
from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.decisions import conflict_id
from audit_plugin.restore.names import field_names, labels_of
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.report import field_label, record_label
from audit_plugin.restore.rows import Row
from audit_plugin.restore.selection import Selection
from audit_plugin.restore.tables import Table

#: For how many conflicts the log is asked; each takes a look into an index.
ATTRIBUTED = 200


class Attribution:
    """Makes the conflicts about later changes.

    Args:
        log: The entries of the database.
        selection: Those that are to be undone.
    """

    def __init__(self, log: QuerySet[Entry], selection: Selection) -> None:
        self._log = log
        self._selection = selection
        self._asked = 0

    def field_changed(self, table: Table, row: Row, name: str) -> Conflict:
        """Return the conflict of a field that was changed since."""
        labels = field_names(row.model, name)
        changed = Q()
        for label in labels:
            changed |= Q(changes__has_key=label)
        entry = self._newest(row, changed & Q(operation__in=["I", "U"]))
        label = field_label(table.model, name)
        if entry is None:
            message = text("changed_unrecorded", field=label)
        else:
            message = text("changed_since", field=label, actor=entry.context, when=_when(entry))
        return Conflict(
            id=conflict_id(Code.CHANGED_SINCE, row.model, row.key, name),
            code=Code.CHANGED_SINCE,
            message=message,
            model=row.model,
            object_id=row.key,
            field=name,
            choices=(Choice.OVERWRITE, Choice.KEEP),
            entry=entry.pk if entry else None,
            details=_details(entry),
        )

    def record_changed(self, table: Table, row: Row, names: list[str]) -> Conflict:
        """Return the conflict of a created record that was changed since."""
        entry = self._newest(row, Q(operation__in=["I", "U"]))
        fields = ", ".join(str(field_label(table.model, name)) for name in names)
        label = record_label(table.model, row.model, row.key, row.object_repr)
        return Conflict(
            id=conflict_id(Code.CHANGED_SINCE, row.model, row.key),
            code=Code.CHANGED_SINCE,
            message=text("changed_record", record=label, fields=fields),
            model=row.model,
            object_id=row.key,
            choices=(Choice.OVERWRITE, Choice.KEEP),
            entry=entry.pk if entry else None,
            details={**_details(entry), "fields": names},
        )

    def gone(self, table: Table, row: Row) -> Conflict:
        """Return the conflict of a record that is no longer there."""
        entry = self._newest(row, Q(operation="D"))
        label = record_label(table.model, row.model, row.key, row.object_repr)
        return Conflict(
            id=conflict_id(Code.GONE, row.model, row.key),
            code=Code.GONE,
            message=text("gone", record=label),
            model=row.model,
            object_id=row.key,
            choices=(Choice.BRING_BACK, Choice.KEEP) if entry else (Choice.KEEP,),
            entry=entry.pk if entry else None,
            details=_details(entry),
        )

    def _newest(self, row: Row, condition: Q) -> Entry | None:
        if self._asked >= ATTRIBUTED:
            return None
        self._asked += 1
        later = self._log.filter(
            condition, model__in=labels_of(row.model), object_id=row.key, pk__gt=row.oldest
        )
        return later.exclude(self._selection.entries).select_related("context").order_by("-id").first()


def _when(entry: Entry) -> Any:
    return lazystr(_Moment(entry))


class _Moment:
    """A moment that is written in the language and time zone of whoever reads it."""

    def __init__(self, entry: Entry) -> None:
        self._moment = entry.occurred_at

    def __str__(self) -> str:
        return date_format(localtime(self._moment), "DATETIME_FORMAT")


def _details(entry: Entry | None) -> dict[str, str | None]:
    if entry is None:
        return {}
    return {
        "actor_id": entry.actor_id,
        "actor_label": str(entry.context),
        "occurred_at": entry.occurred_at.isoformat(),
    }
