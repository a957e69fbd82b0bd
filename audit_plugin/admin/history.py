"""One record through time: the page of its history, and the list of what has been deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote, unquote
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit_plugin import display
from audit_plugin.admin.address import Address
from audit_plugin.admin.base import LogPage
from audit_plugin.admin.changelist import EntryList
from audit_plugin.admin.detail import Detail, find
from audit_plugin.admin.rows import Actor, actor_of
from audit_plugin.facets import models_present
from audit_plugin.history import Viewer, deleted_records, history, viewers
from audit_plugin.history.viewers import CHANNEL as READS
from audit_plugin.models import Entry
from audit_plugin.visibility import may_restore, visible_entries

#: More viewers of a record are in the log itself.
VIEWERS = 20


class RecordList(EntryList):
    """The entries of one record: each leads to what the record was then."""

    #: The label of its model and its key: entries may be about a table of a parent.
    record: tuple[str, str]

    def links_of(self, entry: Entry) -> Sequence[tuple[str, str]]:
        if not entry.operation:
            return ()
        model, key = self.record
        url = self.url("version", model, quote(key))
        return [(_("As of then"), f"{url}?{urlencode({'entry': entry.pk, 'next': self.address.here})}")]


class DeletedList(EntryList):
    """Deletions: each leads to bringing the record back."""

    def links_of(self, entry: Entry) -> Sequence[tuple[str, str]]:
        if not may_restore(self.user):
            return ()
        query = urlencode({"next": self.address.here})
        return [(_("Bring back"), f"{self.url('restore', entry.pk)}?{query}")]


class RecordPage(LogPage):
    """Everything that happened to one record, also after it was deleted."""

    template = "record.html"
    viewed = "record"
    parts = {"audit-page": "record_page.html", "audit-slot": "slot.html"}

    def context(self, model: str = "", object_id: str = "", **kwargs: Any) -> dict[str, Any]:
        key = unquote(object_id)
        address = Address.read(self.request.path, self.request.GET)
        entries = history(model, key, entries=visible_entries(self.user))
        entry = find(self.user, address.entry) if address.entry else None
        found = RecordList(address, self.site, self.request, entries, opened=entry and entry.pk)
        found.record = (model, key)
        # Events about other records that concern this one are part of its history.
        name = next((row.name for row in found.rows if row.entry.object_id == key), key)
        title = _("History of %(model)s %(name)s") % {"model": display.model_label(model), "name": name}
        return {
            "title": title,
            "crumbs": self.crumbs({"label": title}),
            "log": found,
            "list_url": address.path,
            "viewers": self._viewers(model, key),
            "viewers_url": f"{self.url('changelist')}?{urlencode(reads_query(model, key))}",
            "detail": Detail(entry, self.site, self.request, address.here) if entry else None,
            "no_detail": self.nothing if address.entry and not entry else "",
        }

    def _viewers(self, model: str, key: str) -> list[tuple[Actor, Viewer]]:
        """Return who has looked at the record, where looking at it is recorded."""
        found = viewers(model, key, entries=visible_entries(self.user))
        return [(actor_of(viewer.context, {}), viewer) for viewer in found[:VIEWERS]]


def reads_query(model: str, key: str) -> dict[str, str]:
    """Return the filter that finds who has looked at a record."""
    return {"channel": READS, "model": model.lower(), "record": key}


class DeletedPage(LogPage):
    """The records of a model that have been deleted and have not come back."""

    template = "deleted.html"
    viewed = "deleted"
    parts = {"audit-page": "deleted_page.html", "audit-slot": "slot.html"}

    def context(self, **kwargs: Any) -> dict[str, Any]:
        address = Address.read(self.request.path, self.request.GET)
        model = address.filter.model
        models = models_present(self.user)
        visible = visible_entries(self.user)
        entries: QuerySet[Entry] = deleted_records(model, entries=visible) if model else visible.none()
        entry = find(self.user, address.entry) if address.entry else None
        name = display.model_label(model) if model else ""
        return {
            "title": _("Deleted records: %s") % name if model else _("Deleted records"),
            "crumbs": self.crumbs({"label": _("Deleted records")}),
            "log": DeletedList(address, self.site, self.request, entries, opened=entry and entry.pk),
            "models": models,
            "model": model,
            "list_url": address.path,
            "detail": Detail(entry, self.site, self.request, address.here) if entry else None,
            "no_detail": self.nothing if address.entry and not entry else "",
        }
