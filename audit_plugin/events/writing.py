"""The one door through which events get into the log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections, models, router

from audit_plugin.connections import own_connection
from audit_plugin.context.encode import clean_json, clean_text
from audit_plugin.context.hooks import setting
from audit_plugin.events.references import GROUP, RELATED, Reference, key_of
from audit_plugin.models import Entry

#: Keys of `Entry.details` that arguments fill.
RESERVED = frozenset({"outcome", "reason", "related", GROUP})

#: The longest idempotency key; a longer one is cut.
KEY_LENGTH = 500


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        action: A dotted name, such as `photo.approved`.
        channel: The channel it belongs to.
        model: `app_label.model` of the record it was done to; empty where there is no single record.
        object_id: The record's key as text.
        object_repr: The record's name.
        outcome: How it ended, for example `denied`. Stored in `details`.
        reason: Why, in somebody's words. Stored in `details`.
        details: Further facts. What JSON doesn't know becomes text.
        tenant: The tenant; by default that of the context.
        related: Further records it concerns. Stored in `details`.
        group: What the contexts of the changes that belong to it carry as `event_id`.
        key: An idempotency key: what was written with it before is not written again.
        within: Seconds: it isn't written where the same actor did the same to the same record as recently.
        lazy: Whether its commit need not wait for the disk; for one with `within`, and in no transaction but its own. It is
            lost if the database server crashes in the next half second.
    """

    action: str
    channel: str
    model: str = ""
    object_id: str = ""
    object_repr: str = ""
    outcome: str | None = None
    reason: str | None = None
    details: Mapping[str, Any] | None = None
    tenant: str | None = None
    related: Sequence[Reference] = ()
    group: UUID | None = None
    key: str | None = None
    within: float | None = None
    lazy: bool = False

    @classmethod
    def about(cls, record: models.Model, action: str, channel: str, **rest: Any) -> Event:
        """Make the event of a record that is saved.

        Args:
            record: What it was done to.
            action: See `Event`.
            channel: See `Event`.
            **rest: Further attributes.

        Raises:
            ValueError: The record has no key yet.
        """
        if record.pk is None:
            raise ValueError(
                f"{action} can't be recorded for a {record._meta.label} that has not been saved."
            )
        return cls(action, channel, record._meta.label_lower, key_of(record), str(record), **rest)


def write_event(event: Event, *, using: str | None = None, independent: bool = False) -> UUID:
    """Write one event; see `write_events`.

    Returns:
        The entry's id.
    """
    made = write_events([event], using=using, independent=independent)[0]
    if made is None:
        raise LookupError(f"{event.action} was not written: it was written before.")
    return made


def write_events(
    events: Iterable[Event], *, using: str | None = None, independent: bool = False
) -> list[UUID | None]:
    """Write events in one statement, under the context that is current.

    Args:
        events: What happened. All get the same moment.
        using: The database alias; by default where entries are written.
        independent: Whether they stay when the caller's transaction is rolled back, for an attempt that was
            refused. They are then written over a connection of their own.

    Returns:
        The ids of the entries, in the same order: for a `key` that is known that of the earlier entry, and None where the key
        was used for another event or the same was done `within` the time given.

    Raises:
        ValueError: `details` has a key that an argument fills.
        django.db.DataError: An action is no dotted name.
    """
    rows = list(_rows(events))
    alias = using or router.db_for_write(Entry)
    if not rows:
        return []
    opened = own_connection(alias) if independent else nullcontext(connections[alias])
    with opened as connection, connection.cursor() as cursor:
        if independent:
            # The caller's own transaction may hold the same key, and would be waited for without end.
            cursor.execute("SET lock_timeout = '5s'")
        cursor.execute("SELECT id FROM audit_plugin_record_v1(%s::jsonb) AS id", [json.dumps(rows)])
        return [row[0] for row in cursor.fetchall()]


def _rows(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    last: Event | None = None
    details: Any = None
    for event in events:
        # Of many at once most have the same details: these are looked through once.
        if last is None or not _alike(event, last):
            details = _details(event)
        last = event
        yield _row(event, details)


def _alike(one: Event, other: Event) -> bool:
    return (
        one.details is other.details
        and not one.related
        and not other.related
        and (one.outcome, one.reason, one.group) == (other.outcome, other.reason, other.group)
    )


def _details(event: Event) -> Any:
    details = dict(event.details or {})
    if taken := RESERVED & set(details):
        raise ValueError(
            f"details can't have {' or '.join(sorted(taken))}: give it as an argument of its own."
        )
    details |= {key: value for key in ("outcome", "reason") if (value := getattr(event, key)) is not None}
    if event.related:
        details[RELATED] = [reference.as_json() for reference in event.related]
    if event.group is not None:
        details[GROUP] = str(event.group)
    return clean_json(details, length=setting("DETAILS_LIMIT")) or None


def _row(event: Event, details: Any) -> dict[str, Any]:
    row = {
        "action": event.action,
        "channel": clean_text(event.channel),
        "model": clean_text(event.model),
        "object_id": clean_text(event.object_id),
        "object_repr": clean_text(event.object_repr),
        "tenant": None if event.tenant is None else clean_text(event.tenant),
        "details": details,
    }
    if event.key is not None:
        row["key"] = clean_text(event.key, KEY_LENGTH)
    if event.within is not None:
        row["within"] = event.within
    if event.lazy:
        row["lazy"] = True
    return row
