"""`audit_plugin.record` and `record_many`: what happened, in the words of the host's domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connections, router
from psycopg.pq import TransactionStatus

from audit_plugin.actions import Action
from audit_plugin.context.frames import LIVE, current
from audit_plugin.context.hooks import setting
from audit_plugin.context.users import look_up
from audit_plugin.events import policy
from audit_plugin.events.references import Reference, all_related
from audit_plugin.events.writing import Event, write_events
from audit_plugin.models import Entry


def record(
    action: str | Action,
    obj: Any = None,
    *,
    channel: str | None = None,
    outcome: str | None = None,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
    related: Iterable[Any] = (),
    idempotency_key: str | None = None,
    durable: bool = False,
    tenant: str | None = None,
    using: str | None = None,
) -> UUID | None:
    """Record that something happened, under the context that is current.

    Args:
        action: A declared action.
        obj: The record it was done to: saved, or a `Reference` to one that is gone. None where there is no single record.
        channel: The channel, where it isn't the action's own.
        outcome: How it ended: `success`, `denied`, `failure`, or a word of your own.
        reason: Why, in somebody's words.
        details: Further facts, as JSON.
        related: Further records it concerns; it is found in the history of each.
        idempotency_key: A key under which it is recorded once, however often it is tried.
        durable: Whether it stays when the transaction is rolled back, as for an attempt that is refused. It is then written
            over a connection of its own, at once.
        tenant: The tenant; by default that of the context.
        using: The database alias; by default where entries are written.

    Returns:
        The entry's id: for a known key that of the earlier one, None where nothing could be recorded.

    Raises:
        EventError: In development, when something about it is wrong; see `AUDIT_STRICT_EVENTS`.

    Example:
        audit_plugin.record("photo.rejected", photo, reason="Eyes are closed", related=[photo.session])
    """
    event = make_event(
        action,
        obj,
        channel=channel,
        outcome=outcome,
        reason=reason,
        details=details,
        related=related,
        key=idempotency_key,
        tenant=tenant,
    )
    return None if event is None else send(event, using=using, durable=durable)


async def arecord(action: str | Action, obj: Any = None, **given: Any) -> UUID | None:
    """Record that something happened, from async code; see `record`."""
    return await sync_to_async(record)(action, obj, **given)


def record_many(
    action: str | Action,
    objs: Iterable[Any],
    *,
    channel: str | None = None,
    outcome: str | None = None,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
    related: Iterable[Any] = (),
    durable: bool = False,
    tenant: str | None = None,
    using: str | None = None,
) -> list[UUID | None]:
    """Record that the same happened to many records, in one statement.

    Args:
        action: A declared action.
        objs: The records.
        channel: See `record`.
        outcome: See `record`.
        reason: See `record`.
        details: The same for all.
        related: The same for all; foreign keys that `AUDIT_RELATED` names are followed for each record, so select them with it.
        durable: See `record`.
        tenant: See `record`.
        using: See `record`.

    Returns:
        The ids of the entries, in the order of the records.

    Raises:
        EventError: See `record`.
    """
    found = policy.action_of(action, channel)
    records = [] if found is None else policy.checked_records(found.name, objs, "objs")
    if found is None or not records:
        return []
    shared = policy.checked_details(found.name, details)
    policy.check_sentence(found, shared)
    common = policy.checked_records(found.name, related)
    user = acting_user()
    events = []
    for item in records:
        subject = Reference.of(item)
        events.append(
            Event(
                found.name,
                channel or found.channel,
                subject.model,
                subject.object_id,
                subject.name,
                outcome,
                reason,
                shared,
                tenant,
                policy.checked_related(found.name, all_related(common, item, user)),
            )
        )
    return write_events(
        events, using=using, independent=durable and (in_transaction(using) or is_lost(using))
    )


def make_event(
    action: str | Action,
    obj: Any,
    *,
    channel: str | None,
    outcome: str | None,
    reason: str | None,
    details: Mapping[str, Any] | None,
    related: Iterable[Any],
    key: str | None = None,
    tenant: str | None = None,
    group: UUID | None = None,
) -> Event | None:
    """Return the event, checked; None where there is nothing that can be recorded."""
    found = policy.action_of(action, channel)
    if found is None:
        return None
    kept = policy.checked_details(found.name, details)
    policy.check_sentence(found, kept)
    obj, further = policy.checked_record(found.name, obj), policy.checked_records(found.name, related)
    subject = Reference() if obj is None else Reference.of(obj)
    return Event(
        found.name,
        channel or found.channel,
        subject.model,
        subject.object_id,
        subject.name,
        outcome,
        reason,
        kept,
        tenant,
        policy.checked_related(found.name, all_related(further, obj, acting_user())),
        group,
        key,
    )


def send(event: Event, *, using: str | None = None, durable: bool = False) -> UUID | None:
    """Write an event; one whose key was used for another is refused, or written without the key."""
    independent = durable and (in_transaction(using) or is_lost(using))
    made = write_events([event], using=using, independent=independent)[0]
    if made is None and event.key is not None and event.within is None:
        policy.refuse("The idempotency key %r was used for another event than %s.", event.key, event.action)
        made = write_events([replace(event, key=None)], using=using, independent=independent)[0]
    return made


def in_transaction(using: str | None) -> bool:
    """Return whether what is written now could be rolled back. A test's own transaction doesn't count."""
    connection = connections[using or router.db_for_write(Entry)]
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def is_lost(using: str | None) -> bool:
    """Return whether the transaction can take nothing more, or will be rolled back anyway."""
    connection = connections[using or router.db_for_write(Entry)]
    if connection.in_atomic_block and connection.needs_rollback:
        return True
    opened = connection.connection
    return opened is not None and opened.info.transaction_status == TransactionStatus.INERROR


def acting_user() -> Any:
    """Return the acting user, where something may be declared about users; else it need not be looked up."""
    frame = current()
    if frame is None or not setting("RELATED"):
        return None
    return look_up(frame.user() if frame.actor is LIVE else frame.actor, frame)[0]
