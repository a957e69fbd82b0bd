"""From a restore to what it went back to, and from an entry to what undid it.

A small restore points from each new entry to the very entry that it undid. Where many records are written by one statement,
all point to one entry of the request that was undone; which one each of them undid follows from that.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from audit_plugin.models import Entry
from audit_plugin.restore.names import labels_of


def source_of(entry: Entry) -> Entry | None:
    """Return the entry that a restore went back to, None where it is none or its source is no longer in the log.

    Args:
        entry: An entry with the action `restore`.
    """
    if entry.restored_from is None:
        return None
    log = Entry.objects.using(entry._state.db)
    source: Entry | None = log.filter(pk=entry.restored_from).first()
    if source is None or (source.model in labels_of(entry.model) and source.object_id == entry.object_id):
        return source
    own: Entry | None = (
        log.filter(
            context_id=source.context_id,
            model__in=labels_of(entry.model),
            object_id=entry.object_id,
            pk__lt=entry.pk,
        )
        .order_by("-id")
        .first()
    )
    return own or source


def restores_of(entry: Entry) -> list[Entry]:
    """Return the entries of restores that went back to an entry, newest first; of very many the first hundred.

    Args:
        entry: Any entry.
    """
    log = Entry.objects.using(entry._state.db).filter(pk__gt=entry.pk, restored_from__isnull=False)
    direct = log.filter(restored_from=entry.pk)
    same_request = Entry.objects.filter(pk=OuterRef("restored_from"), context_id=entry.context_id)
    own = log.filter(Q(model__in=labels_of(entry.model), object_id=entry.object_id) & Exists(same_request))
    found = {one.pk: one for queryset in (direct, own) for one in queryset.order_by("-id")[:100]}
    restores = sorted(found.values(), key=lambda one: one.pk, reverse=True)
    return [one for one in restores if one.restored_from == entry.pk or _undoes(one, entry)][:100]


def _undoes(restore: Entry, entry: Entry) -> bool:
    source = source_of(restore)
    return source is not None and entry.pk <= source.pk and source.context_id == entry.context_id
