"""A filter on entries that were read already: what `EntryFilter.apply` means in SQL."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist

from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry

#: What is compared as it is: fields of the filter and columns.
COMPARED = {
    "actor": "actor_id",
    "action": "action",
    "model": "model",
    "channel": "channel",
    "object_id": "object_id",
    "tenant": "tenant",
    "context": "context_id",
    "restored_from": "restored_from",
}


class Matcher:
    """Says of entries whether a filter lets them through.

    Args:
        given: The filter. What its dates mean is fixed here, in the current time zone.

    Attributes:
        needs_database: Whether only the database can tell: for words, and for filters of the host's own.
    """

    def __init__(self, given: EntryFilter) -> None:
        self.needs_database = bool(given.search or given.extra or given.validate())
        self._equal = [
            (column, value) for name, column in COMPARED.items() if (value := getattr(given, name))
        ]
        self._request_id = given.request_id
        if given.restored_from:
            # As in `audit_plugin.filters.conditions`.
            self._equal.append(("action", "restore"))
        self._low, self._high = given.bounds()

    def __call__(self, entry: Entry) -> bool:
        for column, value in self._equal:
            if getattr(entry, column) != value:
                return False
        if self._low is not None and entry.id < self._low:
            return False
        if self._high is not None and entry.id >= self._high:
            return False
        return not self._request_id or _request_of(entry) == self._request_id


def _request_of(entry: Entry) -> str | None:
    try:
        return entry.context.request_id
    except ObjectDoesNotExist:
        return None
