"""One entry: the panel beside the list, and the page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin import display, exact
from audit_plugin.admin.events import Fact, event_facts
from audit_plugin.admin.records import record_urls
from audit_plugin.admin.rows import Row, actor_of, avatars_of
from audit_plugin.display import ChangeView
from audit_plugin.models import Context, Entry
from audit_plugin.restore import restores_of, source_of
from audit_plugin.templatetags.audit_admin import local
from audit_plugin.visibility import may_restore, visible_entries

#: Of more restores of one entry the newest are named.
RESTORES = 5

#: What the button says that leads to restoring an entry, by the operation that it records.
BUTTONS = {
    "U": gettext_lazy("Restore previous version"),
    "M": gettext_lazy("Restore previous version"),
    "I": gettext_lazy("Undo this creation"),
    "D": gettext_lazy("Bring this record back"),
    "B": gettext_lazy("Restore this version"),
    "T": gettext_lazy("Bring these records back"),
}


def find(user: Any, key: str | None) -> Entry | None:
    """Return an entry that somebody may see; None where there is none, whatever the reason.

    Args:
        user: Who is looking.
        key: The id, from a URL.
    """
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    return visible_entries(user).select_related("context").filter(pk=wanted).first()


class Detail:
    """Everything about one entry.

    Args:
        entry: The entry, with its context.
        site: The admin site.
        request: The request of who is looking.
        close_url: The list without it.
    """

    def __init__(self, entry: Entry, site: AdminSite, request: HttpRequest, close_url: str) -> None:
        self.entry = entry
        self.site = site
        self.request = request
        self.close_url = close_url

    @cached_property
    def row(self) -> Row:
        """The entry as the list shows it."""
        entry = self.entry
        urls = record_urls(self.site, self.request, [entry])
        return Row(
            entry,
            actor_of(self.context, avatars_of([entry])),
            self.page_url,
            display.names_of([entry], self.request.user),
            urls.get((entry.model, entry.object_id)),
        )

    @cached_property
    def context(self) -> Context | None:
        """Who did it and in what, unless that has been removed from the log."""
        return display.context_of(self.entry)

    @cached_property
    def changes(self) -> Sequence[ChangeView]:
        """What changed, field by field."""
        return display.change_views(self.entry, self.row.names)

    @property
    def page_url(self) -> str:
        """The page of the entry alone."""
        return self._url("change", self.entry.pk)

    @property
    def list_url(self) -> str:
        """The list with this entry open."""
        return f"{self._url('changelist')}?entry={self.entry.pk}"

    @property
    def record_url(self) -> str | None:
        """The history of the record."""
        if not self.entry.model or not self.entry.object_id:
            return None
        return self._url("record", self.entry.model, quote(self.entry.object_id))

    @property
    def version_url(self) -> str | None:
        """The record as it was right after this entry."""
        if not self.record_url or not self.entry.operation:
            return None
        url = self._url("version", self.entry.model, quote(self.entry.object_id))
        return f"{url}?entry={self.entry.pk}"

    @cached_property
    def restore_url(self) -> str | None:
        """Where restoring begins: for who may, of what changed a record."""
        if not self.restore_label or not may_restore(self.request.user):
            return None
        return f"{self._url('restore', self.entry.pk)}?{urlencode({'next': self.close_url})}"

    @property
    def restore_label(self) -> str:
        """What the button says that leads there."""
        return str(BUTTONS.get(self.entry.operation or "", ""))

    @property
    def undo_request_url(self) -> str | None:
        """Where undoing everything of the same request begins."""
        if self.restore_url is None:
            return None
        request_id = self.context.request_id if self.context else None
        query = {"request": request_id or str(self.entry.context_id), "next": self.close_url}
        return f"{self._url('restore_several')}?{urlencode(query)}"

    @property
    def request_url(self) -> str:
        """Everything that was done in the same request."""
        request_id = self.context.request_id if self.context else None
        query = {"request": request_id} if request_id else {"context": str(self.entry.context_id)}
        return f"{self._url('changelist')}?{urlencode(query)}"

    def _url(self, name: str, *arguments: Any) -> str:
        return reverse(f"admin:audit_plugin_entry_{name}", args=arguments, current_app=self.site.name)

    @cached_property
    def facts(self) -> list[Fact]:
        """What is known about the entry, without the empty lines."""
        entry = self.entry
        found = [
            Fact(_("Model"), self.row.model),
            Fact(_("Key"), entry.object_id, code=True),
            Fact(_("Name at the time"), entry.object_repr if entry.object_repr != entry.object_id else ""),
            Fact(_("Action"), self.row.description),
            Fact(_("Reason"), self.reason),
            *event_facts(entry, self.site, self.request),
            *self._links(_("Restored from"), [source_of(entry)] if entry.restored_from else []),
            *self.restores,
            Fact(_("Channel"), self.row.channel),
            Fact(_("Tenant"), entry.tenant or ""),
        ]
        return [fact for fact in [*found, *_origin(self.context)] if fact.value]

    @cached_property
    def restores(self) -> list[Fact]:
        """Who has gone back to this entry since, the newest first."""
        return self._links(_("Restored by"), restores_of(self.entry)[:RESTORES])

    @property
    def reason(self) -> str:
        """Why it was done, where that was said."""
        metadata = (self.context.metadata if self.context else None) or {}
        return str(metadata.get("reason") or "")

    def _links(self, label: str, entries: Iterable[Entry | None]) -> list[Fact]:
        """Return links to other entries, each by who did it and when; only to those that the person may see."""
        wanted = [entry.pk for entry in entries if entry is not None]
        if not wanted:
            return []
        seen = visible_entries(self.request.user).select_related("context").filter(pk__in=wanted)
        return [
            Fact(
                label,
                f"{display.actor_phrase(display.context_of(entry))} · {local(entry.occurred_at)}",
                self._url("change", entry.pk),
            )
            for entry in seen.order_by("-id")
        ]

    @cached_property
    def raw(self) -> str:
        """The entry as JSON, as it lies in the log."""
        found = _columns(self.entry)
        found["context"] = _columns(self.context) if self.context else None
        return exact.dumps(found, cls=DjangoJSONEncoder, indent=2)


def _columns(row: Entry | Context) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields}


def _origin(context: Context | None) -> list[Fact]:
    """Return where an entry came from."""
    if context is None:
        return [Fact(_("Source"), _("no longer known"))]
    return [
        Fact(_("Acting for them"), context.impersonator_label or context.impersonator_id or ""),
        Fact(_("Executed by"), context.executor or ""),
        Fact(_("Source"), context.source),
        Fact(_("View, task or command"), context.name or "", code=True),
        Fact(_("Method"), context.method or "", code=True),
        Fact(_("URL"), context.url or "", code=True),
        Fact(_("IP address"), str(context.ip or ""), code=True),
        Fact(_("User agent"), context.user_agent or ""),
        Fact(_("Request ID"), context.request_id or "", code=True),
        Fact(_("Database role"), context.db_role, code=True),
        Fact(_("Database client"), str(context.client_address or ""), code=True),
        Fact(_("Application name"), context.application_name or "", code=True),
    ]
