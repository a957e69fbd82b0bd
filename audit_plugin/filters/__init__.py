"""One set of filters for the log, used by the admin, the exports and the API alike."""

from audit_plugin.filters.dates import PERIODS, end_of, start_of
from audit_plugin.filters.entry import EntryFilter
from audit_plugin.filters.extra import ExtraFilter, extra_filters
from audit_plugin.finder.ids import moment_of, uuid_floor

__all__ = [
    "PERIODS",
    "EntryFilter",
    "ExtraFilter",
    "end_of",
    "extra_filters",
    "moment_of",
    "start_of",
    "uuid_floor",
]
