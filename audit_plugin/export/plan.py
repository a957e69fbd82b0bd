"""What is to be exported, decided and permitted before the first byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from audit_plugin.export.columns import Column, columns_of
from audit_plugin.export.errors import ExportError, ExportRefusedError
from audit_plugin.export.formats import Format, format_of
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.pagination import Count, count
from audit_plugin.visibility import gate, may_export, visible_entries

#: How moments may be written.
DATE_FORMATS = ("dmy", "iso")


@dataclass
class Export:
    """A file to be made.

    Attributes:
        entries: What it holds: visible and filtered.
        format: Its format.
        columns: Its columns.
        moments: How moments are written, one of `DATE_FORMATS`.
        filters: The filters as they are written in a URL.
        zone: The time zone of moments for people.
        begun: The moment it was asked for.
        truncated: Whether it turned out that the format doesn't hold all entries.
        details: Further facts for the log's entry about it.
    """

    entries: QuerySet[Entry]
    format: Format
    columns: Sequence[Column]
    moments: str
    filters: Mapping[str, str]
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    begun: datetime = field(default_factory=timezone.now)
    truncated: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def filename(self) -> str:
        """The name of the file, after `AUDIT_EXPORT_FILENAME`."""
        return f"{self.begun.astimezone(UTC).strftime(settings.EXPORT_FILENAME)}.{self.format.name}"

    @property
    def exported_at(self) -> str:
        """The moment it was asked for, in ISO 8601."""
        return self.begun.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def cap(self) -> int:
        """How many entries the file holds at most, where its format is limited."""
        return settings.EXPORT_XLSX_CAP

    def count(self) -> Count:
        """Return how many entries there are, exact up to `AUDIT_COUNT_CAP`."""
        return count(self.entries)


def plan(
    user: Any,
    given: EntryFilter | None = None,
    *,
    format: str = "csv",
    columns: str | Sequence[str] | None = None,
    dates: str | None = None,
    request: HttpRequest | None = None,
    using: str | None = None,
) -> Export:
    """Decide what somebody exports. Every path comes through here: pages, commands and API.

    Args:
        user: The person; only what they may see is exported.
        given: The filter. None: everything.
        format: The name of a format.
        columns: Names of columns or of a selection; None for `AUDIT_EXPORT_COLUMNS`.
        dates: How moments are written, one of `DATE_FORMATS`; None for `AUDIT_EXPORT_DATE_FORMAT`.
        request: The request, whose way the host's gate may bar.
        using: The database alias.

    Raises:
        ExportRefusedError: They may not export, or the log is closed to them.
        ExportError: Something that was asked for doesn't exist.
    """
    if not may_export(user):
        raise ExportRefusedError(_("You may not export the audit log."))
    refusal = gate(request) if request is not None else None
    if refusal is not None:
        raise ExportRefusedError(str(refusal.message))
    return plan_for(visible_entries(user, using=using), given, format=format, columns=columns, dates=dates)


def plan_for(
    entries: QuerySet[Entry],
    given: EntryFilter | None = None,
    *,
    format: str = "csv",
    columns: str | Sequence[str] | None = None,
    dates: str | None = None,
) -> Export:
    """Decide on an export of entries that somebody has already been found to be allowed to export; see
    `plan`."""
    given = given or EntryFilter()
    if errors := given.validate():
        raise ExportError(" ".join(f"{name}: {error}" for name, error in errors.items()))
    made_as = format_of(format)
    if columns is None and settings.EXPORT_COLUMNS == "summary" and not made_as.for_reading:
        columns = "all"
    moments = settings.EXPORT_DATE_FORMAT if dates is None else dates
    if moments not in DATE_FORMATS:
        raise ExportError(_("There is no date format “%(name)s”: choose dmy or iso.") % {"name": moments})
    return Export(given.apply(entries), made_as, columns_of(columns), moments, given.query())
