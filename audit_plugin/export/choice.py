"""What somebody chooses on a page before they export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin.conf import settings
from audit_plugin.export.columns import COLUMNS, SELECTIONS, Column
from audit_plugin.export.errors import ExportError
from audit_plugin.export.formats import FORMATS, Format
from audit_plugin.export.plan import DATE_FORMATS, Export, plan
from audit_plugin.filters import EntryFilter
from audit_plugin.pagination import Count

SELECTION_LABELS: Mapping[str, str | Promise] = {
    "summary": gettext_lazy("Summary: when, who, what, which table, what changed"),
    "all": gettext_lazy("All: one column for each part of an entry"),
    "extended": gettext_lazy("Extended: also where from, with which browser, in which request"),
}
DATE_LABELS: Mapping[str, str | Promise] = {
    "dmy": gettext_lazy("31/12/2026 23:59:59"),
    "iso": gettext_lazy("2026-12-31T23:59:59+00:00 (ISO 8601)"),
}


def chosen(data: QueryDict | Mapping[str, Any]) -> dict[str, Any]:
    """Read the choices of a form as arguments of `plan`.

    Args:
        data: `format`, `columns` (a selection, or names parted by commas) or several `column`s, and
            `dates`; what is missing is left to the settings.
    """
    single = data.getlist("column") if isinstance(data, QueryDict) else data.get("column")
    return {
        "format": str(data.get("format") or "csv"),
        "columns": single or data.get("columns") or None,
        "dates": data.get("dates") or None,
    }


def plan_from(request: HttpRequest, *, using: str | None = None) -> Export:
    """Decide on the export that a form asks for: the filter in the query string, the choices in the body.

    Args:
        request: The request.
        using: The database alias.

    Raises:
        ExportRefusedError: They may not export, or the log is closed to them.
        ExportError: Something that was asked for doesn't exist.
    """
    given, _errors = EntryFilter.parse(request.GET)
    return plan(request.user, given, request=request, using=using, **chosen(request.POST))


class Confirmation:
    """What a page says before the export: how many entries, which filters, what can be chosen.

    Args:
        request: The request; the filter is in its query string.
        using: The database alias.

    Raises:
        ExportRefusedError: They may not export, or the log is closed to them.
    """

    formats: Sequence[Format] = tuple(FORMATS.values())
    selections: Sequence[tuple[str, str | Promise]] = tuple(
        (name, SELECTION_LABELS[name]) for name in SELECTIONS
    )
    columns: Sequence[Column] = tuple(COLUMNS.values())
    dates: Sequence[tuple[str, str | Promise]] = tuple((name, DATE_LABELS[name]) for name in DATE_FORMATS)

    def __init__(self, request: HttpRequest, *, using: str | None = None) -> None:
        self.filter, self.errors = EntryFilter.parse(request.GET)
        valid = EntryFilter() if self.errors else self.filter
        choices = chosen(request.POST or request.GET)
        try:
            self.export = plan(request.user, valid, request=request, using=using, **choices)
        except ExportError as error:
            # Refusals come through; for anything else the page is shown again with what is wrong.
            self.export = plan(request.user, valid, request=request, using=using)
            self.errors = {**self.errors, "export": str(error)}

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The filters that are set, as pairs of the URL's name and value."""
        return self.filter.active

    @cached_property
    def count(self) -> Count:
        """How many entries there are."""
        return Count(0) if self.errors.keys() - {"export"} else self.export.count()

    @property
    def notes(self) -> list[str]:
        """What somebody should know before they choose."""
        found = []
        if self.count.value > settings.EXPORT_XLSX_CAP or self.count.capped:
            note = _("An Excel file holds the newest %(cap)s entries only. CSV and JSON hold all.")
            found.append(note % {"cap": settings.EXPORT_XLSX_CAP})
        return found
