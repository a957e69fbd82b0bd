"""The confirmation before an export, and the export."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin.admin.address import Address
from audit_plugin.admin.base import LogPage
from audit_plugin.admin.changelist import number_of
from audit_plugin.admin.filterbar import FilterBar
from audit_plugin.export import Confirmation, ExportError, ExportRefusedError, ExportResponse, plan_from
from audit_plugin.facets import facets


class ExportPage(LogPage):
    """Says what an export will hold, then makes it: what is on screen under the filter that is set."""

    template = "export.html"
    parts = {"audit-slot": "export_slot.html"}
    methods = ("GET", "HEAD", "POST")

    def get(self, **kwargs: Any) -> HttpResponseBase:
        try:
            if self.request.method == "POST":
                return ExportResponse(plan_from(self.request), self.request)
        except ExportRefusedError as error:
            raise PermissionDenied(str(error)) from error
        except ExportError:
            pass  # The page says what is wrong.
        return super().get(**kwargs)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        try:
            confirmation = Confirmation(self.request)
        except ExportRefusedError as error:
            raise PermissionDenied(str(error)) from error
        address = Address.read(self.url("changelist"), self.request.GET)
        data = self.request.POST or self.request.GET
        entries = confirmation.count
        text = ngettext("%(n)s entry will be exported.", "%(n)s entries will be exported.", entries.value)
        return {
            "title": _("Export the audit log?"),
            "count_text": text % {"n": number_of(entries)},
            "crumbs": self.crumbs({"label": _("Export")}),
            "export": confirmation,
            "format": data.get("format") or confirmation.export.format.name,
            "columns": data.get("columns"),
            "dates": confirmation.export.moments,
            "chips": FilterBar(address, self.user, facets(self.user)).chips,
            "action": f"{self.url('export')}?{urlencode(address.filter.query())}",
            "close_url": address.at(),
        }
