"""The export in the manner of django-import-export: resources, formats and an admin mixin, but streamed.

Its own way builds the whole file in memory, and a million entries take it minutes
(docs/benchmarks-export.md).
"""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import tablib  # type: ignore[import-untyped]
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources
from import_export.admin import ExportMixin
from import_export.formats import base_formats
from import_export.signals import post_export

from audit_plugin.export.columns import COLUMNS, SELECTIONS
from audit_plugin.export.errors import ExportError
from audit_plugin.export.formats import FORMATS
from audit_plugin.export.plan import plan_for
from audit_plugin.export.quoting import neutralised
from audit_plugin.export.rendering import render
from audit_plugin.export.response import ExportResponse
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.visibility import gate, may_export, visible_entries


class EntryField(fields.Field):
    """One column of ours.

    Args:
        name: The column's name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(column_name=str(COLUMNS[name].header), readonly=True)
        self.name = name

    def export(self, instance: Entry, **kwargs: Any) -> str:
        return render(self.name, instance) or ""


class EntryResource(resources.Resource):
    """Entries, with the columns of a selection. It can't import: the log is append-only."""

    selection = "all"
    title: str | Promise = _("All")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields = {name: EntryField(name) for name in SELECTIONS[self.selection]}

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls.title)

    def get_queryset(self) -> QuerySet[Entry]:
        return Entry.objects.select_related("context")

    def iter_queryset(self, queryset: Any) -> Iterator[Entry]:
        entries = queryset.select_related("context") if isinstance(queryset, QuerySet) else queryset
        yield from super().iter_queryset(entries)

    def get_import_fields(self) -> list[Any]:
        return []

    def get_user_visible_fields(self) -> list[Any]:
        shown: list[Any] = self.get_export_fields()
        return shown


class SummaryResource(EntryResource):
    """The five columns to read."""

    selection = "summary"
    title = _("Summary")


class ExtendedResource(EntryResource):
    """All, and where it came from."""

    selection = "extended"
    title = _("Extended")


class CSV(base_formats.CSV):
    """CSV in which no cell is a formula."""

    name = "csv"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> str:
        safe = tablib.Dataset(headers=dataset.headers)
        safe.extend([neutralised(str(cell)) for cell in row] for row in dataset)
        return str(super().export_data(safe, **kwargs))


class JSON(base_formats.JSON):
    """JSON."""

    name = "json"


class JSONLines(base_formats.JSON):
    """A JSON object a line."""

    name = "ndjson"

    def get_title(self) -> str:
        return self.name

    def get_extension(self) -> str:
        return self.name

    def get_content_type(self) -> str:
        return FORMATS[self.name].content_type

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> str:
        return "".join(
            f"{tablib.Dataset(row, headers=dataset.headers).export('json')[1:-1]}\n" for row in dataset
        )


class XLSX(base_formats.XLSX):
    """Excel, with at most `AUDIT_EXPORT_XLSX_CAP` entries."""

    name = "xlsx"


class EntryExportMixin(ExportMixin):
    """Adds import-export's Export button and form to an admin of entries, and streams what it exports.

    Only what somebody may see and has filtered leaves, in one of our formats, and is itself recorded.

    Example:
        class MyEntryAdmin(EntryExportMixin, EntryAdmin): ...
    """

    resource_classes: Any = (SummaryResource, EntryResource, ExtendedResource)
    export_formats: ClassVar[Any] = (CSV, JSON, JSONLines, XLSX)
    admin_site: AdminSite

    def has_export_permission(self, request: HttpRequest) -> bool:
        return may_export(request.user)

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        # The filter in the query string is applied by `_do_file_export`, which also records it.
        return visible_entries(request.user)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        refusal = gate(request)
        if refusal is not None:
            messages.warning(request, str(refusal.message))
            return HttpResponseRedirect(
                refusal.url or reverse("admin:index", current_app=self.admin_site.name)
            )
        response: HttpResponse = super().export_action(request)
        return response

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: QuerySet[Entry], export_form: Any = None
    ) -> HttpResponseBase:
        if not self.has_export_permission(request):
            raise PermissionDenied
        resource = self.choose_export_resource_class(export_form, request)
        columns = self.get_export_resource_fields_from_form(export_form) or SELECTIONS[resource.selection]
        given, _errors = EntryFilter.parse(request.GET)
        # Whatever queryset a subclass or an action comes with, nothing leaves that the person may not see.
        visible = visible_entries(request.user) & queryset
        try:
            export = plan_for(visible, given, format=file_format.name, columns=columns)
        except ExportError as error:
            # What import-export's form shows as a message.
            raise ValueError(str(error)) from error
        response = ExportResponse(export, request)
        post_export.send(sender=None, model=Entry)
        return response
