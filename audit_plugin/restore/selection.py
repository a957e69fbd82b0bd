"""From what is asked for to the entries that have to be undone for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit_plugin.models import Context, Entry
from audit_plugin.restore import records
from audit_plugin.restore.asks import Ask, AsOf, Deleted, Entries, Request, Undo, Version
from audit_plugin.restore.codes import Code, text
from audit_plugin.restore.deletions import Deletion
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.links_in_log import link_entries
from audit_plugin.restore.names import labels_of
from audit_plugin.restore.plans import Note

Log = QuerySet[Entry]


@dataclass
class Selection:
    """The entries to undo.

    Attributes:
        entries: The condition that they meet.
        anchor: The entry that what is written points back to; None for each record's own.
        only: For entries about links: the linked keys that count, by the entry's id. Not named: all.
        notes: What is to be said about it.
    """

    entries: Q
    anchor: UUID | None = None
    only: dict[str, list[Any]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def add(self, other: Selection, log: Log) -> None:
        """Undo these entries as well."""
        whole = {
            str(key) for key in log.filter(self.entries, pk__in=list(other.only)).values_list("pk", flat=True)
        }
        for entry, keys in other.only.items():
            if entry in self.only or entry not in whole:
                self.only[entry] = self.only.get(entry, []) + keys
        for key in log.filter(other.entries, pk__in=list(self.only)).values_list("pk", flat=True):
            if str(key) not in other.only:
                del self.only[str(key)]
        self.entries |= other.entries


def select(ask: Ask, log: Log, seen: Log) -> Selection:
    """Find the entries that have to be undone.

    Args:
        ask: What is asked for.
        log: The entries of the database.
        seen: Those of them that the person who asks may see.

    Raises:
        RestoreError: There are none.
    """
    match ask:
        case Undo(entry, with_related):
            return undo(find_entry(seen, entry), log, with_related)
        case Version(entry, before):
            return _version(find_entry(seen, entry), log, before)
        case AsOf(model, object_id, moment):
            return _as_of(log, model, object_id, moment)
        case Deleted(model, object_id, with_related):
            found = latest_deletion(seen, model, object_id)
            if found is None:
                raise RestoreError(Code.NOT_FOUND, "not_found_deleted")
            return undo(found, log, with_related)
        case Request(key):
            return _request(log, key)
        case Entries(ids):
            return _several(log, seen, ids)
    raise TypeError(f"{ask!r} is nothing that can be restored.")


def find_entry(log: Log, key: UUID) -> Entry:
    """Return an entry.

    Raises:
        RestoreError: There is none, or the log no longer goes back that far.
    """
    found = log.filter(pk=key).first()
    if found is None:
        raise _missing(log, key)
    return found


def latest_deletion(log: Log, model: str, object_id: str) -> Entry | None:
    """Return the newest entry that says a record was deleted."""
    return log.filter(model__in=labels_of(model), object_id=object_id, operation="D").order_by("-id").first()


def undo(entry: Entry, log: Log, with_related: bool = False) -> Selection:
    """Return what has to be undone to undo one entry.

    Args:
        entry: The entry.
        log: The entries of the database.
        with_related: For a deletion: whether what went along comes back too.

    Raises:
        RestoreError: It doesn't change a record.
    """
    match entry.operation:
        case "U":
            return Selection(Q(pk=entry.pk))
        case "I":
            return Selection(Q(pk__in=Deletion(log, entry).parts()))
        case "D":
            deletion = Deletion(log, entry, with_related=with_related)
            deletion.collect()
            return Selection(Q(pk__in=deletion.ids), only=deletion.only)
        case "M":
            ids, only = link_entries(log, entry)
            return Selection(Q(pk__in=ids), only=only)
        case "T":
            return Selection(Q(context_id=entry.context_id, model__in=labels_of(entry.model), operation="D"))
    raise RestoreError(Code.NOTHING, "nothing_recorded")


def _version(entry: Entry, log: Log, before: bool) -> Selection:
    if entry.operation is None or entry.operation == "T":
        raise RestoreError(Code.NOTHING, "nothing_recorded")
    if entry.operation == ("I" if before else "D"):
        raise RestoreError(Code.NOT_YET)
    record = records.condition(log, entry.model, entry.object_id)
    first, last = records.saved_together(log.filter(record), entry)
    later = Q(pk__gte=first) if before else Q(pk__gt=last)
    return Selection(_followed(log, entry, record) & later, anchor=entry.pk)


def _as_of(log: Log, model: str, object_id: str, moment: datetime) -> Selection:
    record = records.condition(log, model, object_id)
    floor = id_floor(moment)
    then = (
        log.filter(record, pk__lt=UUID(int=floor.int + (1 << 80)), occurred_at__lte=moment)
        .order_by("-id")
        .first()
    )
    later = Q(pk__gte=floor, occurred_at__gt=moment)
    if then is not None:
        if then.operation == "D":
            raise RestoreError(Code.NOT_YET)
        return Selection(_followed(log, then, record) & later, anchor=then.pk)
    oldest = log.filter(record & later).order_by("id").first()
    if oldest is not None and oldest.operation == "I":
        raise RestoreError(Code.NOT_YET)
    begin = log.order_by("id").first()
    if begin is None or oldest is None:
        raise RestoreError(Code.NOT_FOUND)
    if begin.occurred_at > moment:
        raise RestoreError(Code.PRUNED, when=begin.occurred_at.date())
    note = Note(Code.RECONSTRUCTED, text("reconstructed"), oldest.model, object_id)
    return Selection(record & later, notes=[note])


def _followed(log: Log, entry: Entry, record: Q) -> Q:
    """The record's condition, extended to the keys it got later."""
    moved = records.later_keys(log, entry)
    for label, key in moved:
        record |= Q(model__in=labels_of(label), object_id=key)
    return record


def _request(log: Log, key: str) -> Selection:
    contexts = Context.objects.using(log.db)
    ids = set(contexts.filter(request_id=key).values_list("pk", flat=True))
    try:
        context = contexts.filter(pk=UUID(key)).first()
    except ValueError:
        context = None
    if context is not None:
        ids.add(context.pk)
        if context.request_id:
            ids |= set(contexts.filter(request_id=context.request_id).values_list("pk", flat=True))
    condition = Q(context_id__in=ids) & Q(operation__in=["I", "U", "D", "M"])
    if not ids or not log.filter(condition).exists():
        raise RestoreError(Code.NOT_FOUND, "not_found_request")
    return Selection(condition)


def _several(log: Log, seen: Log, ids: Iterable[UUID]) -> Selection:
    ids = set(ids)
    found = list(seen.filter(pk__in=ids))
    if missing := ids - {entry.pk for entry in found}:
        raise _missing(log, min(missing))
    changes = [entry for entry in found if entry.operation in ("I", "U", "D", "T", "M")]
    if not changes:
        raise RestoreError(Code.NOTHING, "nothing_recorded")
    selection = Selection(Q(pk__in=[entry.pk for entry in changes if entry.operation == "U"]))
    for entry in changes:
        if entry.operation != "U":
            selection.add(undo(entry, log), log)
    return selection


def _missing(log: Log, key: UUID) -> RestoreError:
    # Where the whole log begins: what somebody may not see must not look as if it had been pruned.
    begin = Entry.objects.using(log.db).order_by("id").first()
    if begin is not None and key.version == 7 and key < begin.pk:
        return RestoreError(Code.PRUNED, when=begin.occurred_at.date())
    return RestoreError(Code.NOT_FOUND)


def id_floor(moment: datetime) -> UUID:
    """Return the smallest id that an entry of this millisecond can have."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
    return UUID(int=milliseconds << 80)
