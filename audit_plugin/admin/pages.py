"""The pages around the list of the whole log."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin.admin.address import Address
from audit_plugin.admin.base import LogPage
from audit_plugin.admin.changelist import FullList
from audit_plugin.admin.detail import Detail, find
from audit_plugin.admin.preferences import FILTER_KEY, ZONE_KEY, ZONES, remember
from audit_plugin.conf import settings
from audit_plugin.export import FORMATS
from audit_plugin.facets import facets
from audit_plugin.filters import extra_filters, uuid_floor
from audit_plugin.models import Entry
from audit_plugin.pagination import count
from audit_plugin.visibility import may_export, visible_entries

#: More than that many new entries are "99+".
NEWS_CAP = 99
CHOICES = 20


class ListPage(LogPage):
    """The log: filters, activity, list, and the entry that is open beside it."""

    template = "list.html"
    viewed = "list"
    parts = {"audit-page": "page.html", "audit-results": "results_part.html", "audit-slot": "slot.html"}
    typeahead = True

    def get(self, **kwargs: Any) -> HttpResponseBase:
        request, path = self.request, self.url("changelist")
        saved = request.session.get(FILTER_KEY)
        if saved and not request.GET:
            return HttpResponseRedirect(f"{path}?{urlencode(saved)}")
        self.address = Address.read(path, request.GET)
        if not self.address.errors:
            remember(request, FILTER_KEY, {**self.address.filter.query(), **self.address.settings})
        return super().get(**kwargs)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        address = self.address
        entry = find(self.user, address.entry) if address.entry else None
        found = FullList(
            address, self.site, self.request, visible_entries(self.user), opened=entry and entry.pk
        )
        detail = Detail(entry, self.site, self.request, address.here) if entry else None
        return {
            "title": capfirst(str(Entry._meta.verbose_name_plural)),
            "crumbs": self.crumbs(),
            "log": found,
            "detail": detail,
            "no_detail": self.nothing if address.entry and not entry else "",
            "list_url": address.path,
            "here": address.here,
            "choices_url": self.url("choices"),
            "news_url": self._news_url(found),
            "poll_seconds": settings.ADMIN_POLL_SECONDS,
            "deleted_url": self.url("deleted"),
            "preferences_url": self.url("preferences"),
            "exports": self._exports(address),
        }

    def _exports(self, address: Address) -> list[dict[str, Any]]:
        """Return what the list can be exported to, and where that is confirmed."""
        if not may_export(self.user):
            return []
        return [
            {
                "label": made_as.label,
                "url": f"{self.url('export')}?{urlencode({**address.filter.query(), 'format': name})}",
            }
            for name, made_as in FORMATS.items()
        ]

    def _news_url(self, found: FullList) -> str:
        query = {**found.address.filter.query(), "than": self._newest(found)}
        return f"{self.url('news')}?{urlencode(query)}"

    def _newest(self, found: FullList) -> UUID:
        """Return the id that newer entries are newer than."""
        address = found.address
        first = address.order == "newest" and not address.after and not address.before
        if first and address.entry is None and found.page.entries:
            return found.page.entries[0].pk
        return uuid_floor(timezone.now())


class EntryPage(LogPage):
    """One entry alone, under an address that always leads to it."""

    template = "detail.html"
    viewed = "entry"

    def context(self, object_id: str = "", **kwargs: Any) -> dict[str, Any]:
        entry = find(self.user, object_id)
        if entry is None:
            raise Http404(self.nothing)
        detail = Detail(entry, self.site, self.request, self.url("changelist"))
        return {
            "title": detail.row.description,
            "crumbs": self.crumbs({"label": detail.row.description}),
            "detail": detail,
            "alone": True,
        }


class NewsPage(LogPage):
    """How many entries have come since a list was shown."""

    template = "news.html"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        address = Address.read(self.url("changelist"), query)
        try:
            than = UUID(query.get("than", ""))
        except ValueError:
            return {"news": ""}
        newer = address.filter.apply(visible_entries(self.user)).filter(pk__gt=than)
        found = count(newer, cap=NEWS_CAP)
        text = ngettext("%(n)s new entry", "%(n)s new entries", found.value)
        number = f"{NEWS_CAP}+" if found.capped else str(found.value)
        return {"news": text % {"n": number} if found.value else "", "newest_url": address.at()}


class ChoicesPage(LogPage):
    """What a type-ahead field offers, in the form that Select2 reads."""

    def get(self, **kwargs: Any) -> HttpResponseBase:
        name, term = self.request.GET.get("field", ""), self.request.GET.get("term", "").strip()[:100]
        if name == "actor":
            wanted = term.casefold()
            found = [
                (choice.value, choice.label, choice.detail)
                for choice in facets(self.user).actors
                if wanted in choice.label.casefold() or wanted in choice.detail.casefold()
            ]
        else:
            extra = extra_filters().get(name)
            if extra is None:
                raise Http404
            found = (
                [(value, str(label), "") for value, label in extra.search(self.user, term)] if term else []
            )
        results = [{"id": value, "text": label, "detail": detail} for value, label, detail in found[:CHOICES]]
        return JsonResponse({"results": results, "pagination": {"more": False}})


class PreferencesPage(LogPage):
    """Keeps what somebody chooses for the visit, and goes back to where they were."""

    methods = ("POST",)

    def get(self, **kwargs: Any) -> HttpResponseBase:
        request, path = self.request, self.url("changelist")
        zone = request.POST.get("zone")
        if zone in ZONES:
            remember(request, ZONE_KEY, zone)
        else:
            messages.error(request, _("There is no such setting."))
        back = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(back if safe else path)
