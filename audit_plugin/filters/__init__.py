"""One set of filters for the log, used by the admin, the exports and the API alike."""

from audit_plugin.filters.dates import PERIODS, end_of, moment_of, start_of, uuid_floor
from audit_plugin.filters.entry import EntryFilter
from audit_plugin.filters.extra import ExtraFilter, extra_filters

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
