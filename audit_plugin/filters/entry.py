"""The filter: what may be asked of the log, all conditions together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet

from audit_plugin.filters.dates import PERIODS, end_of, start_of
from audit_plugin.finder.ids import uuid_floor

if TYPE_CHECKING:
    from audit_plugin.finder import EntryQuerySet
    from audit_plugin.models import Entry

#: The name of each field in a URL.
PARAMETERS = {
    "actor": "actor",
    "action": "action",
    "model": "model",
    "channel": "channel",
    "object_id": "record",
    "tenant": "tenant",
    "since": "since",
    "until": "until",
    "period": "period",
    "search": "search",
    "request_id": "request",
    "context": "context",
    "restored_from": "restored",
    "related": "related",
    "event": "event",
}


@dataclass(frozen=True)
class EntryFilter:
    """Conditions on entries; all that are set have to be met.

    Attributes:
        actor: `Entry.actor_id`.
        action: `Entry.action`.
        model: `Entry.model`, the label in lower case.
        channel: `Entry.channel`.
        object_id: `Entry.object_id`; with `model` one record, alone every record with that key.
        tenant: `Entry.tenant`.
        since: The first day or moment.
        until: The last day or moment, included.
        period: One of `PERIODS`, in place of `since`.
        search: Words; see `audit_plugin.filters.search`.
        request_id: Everything of one request.
        context: `Entry.context_id`.
        restored_from: Entries that restored what this entry had changed.
        related: `app_label.model:key` of a record: what was done to it, and events that name it as one they concern.
        event: Everything of one event: itself, and the changes made inside it (`Context.event_id`).
        extra: Values of the host's own filters by name.
    """

    actor: str | None = None
    action: str | None = None
    model: str | None = None
    channel: str | None = None
    object_id: str | None = None
    tenant: str | None = None
    since: date | datetime | None = None
    until: date | datetime | None = None
    period: str | None = None
    search: str | None = None
    request_id: str | None = None
    context: UUID | None = None
    restored_from: UUID | None = None
    related: str | None = None
    event: UUID | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> tuple[EntryFilter, dict[str, str]]:
        """Read a query string.

        Args:
            data: For example `request.GET`. Names that are no filter's are left alone.

        Returns:
            The filter, and what is wrong by name of the parameter. With something wrong it finds nothing:
            leaving the condition out would show more than was asked for.
        """
        from audit_plugin.filters.parsing import parse

        return parse(data)

    def validate(self) -> dict[str, str]:
        """Return what is wrong with the values by name of the parameter; empty where they can be used."""
        from audit_plugin.filters.parsing import validate

        return validate(self)

    def query(self) -> dict[str, str]:
        """Return the filter as it is written in a URL; `parse` reads it back."""
        from audit_plugin.filters.parsing import as_text

        texts = {PARAMETERS[name]: as_text(value) for name, value in self._set()}
        return texts | {name: value for name, value in self.extra.items() if value}

    @property
    def active(self) -> list[tuple[str, str]]:
        """The conditions that are set, as pairs of a URL's name and value."""
        return list(self.query().items())

    def __bool__(self) -> bool:
        return bool(self.active)

    def bounds(self) -> tuple[UUID | None, UUID | None]:
        """Return the range of ids that the dates mean: the first included, the last not."""
        low = uuid_floor(start_of(self.since)) if self.since else None
        if self.period in PERIODS:
            low = max(filter(None, [low, uuid_floor(PERIODS[self.period][1]())]))
        high = uuid_floor(end_of(self.until)) if self.until else None
        return low, high

    def apply(self, queryset: QuerySet[Entry]) -> EntryQuerySet:
        """Narrow a queryset of entries down.

        Args:
            queryset: Usually `visible_entries(user)`.
        """
        from audit_plugin.filters.conditions import narrow

        return narrow(queryset, self)

    def _set(self) -> Iterator[tuple[str, Any]]:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name != "extra" and value not in (None, ""):
                yield item.name, value
