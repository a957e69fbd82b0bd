"""One entry of the log."""

from __future__ import annotations

from datetime import datetime

from audit_plugin.display import action_label, badge, channel_label, context_of, describe, model_label
from audit_plugin.events.groups import event_of, related_to
from audit_plugin.models import Entry
from graphql_schema.ids import Kind, encode_id
from graphql_schema.spec import ID, JSON, View
from graphql_schema.types.contexts import AuditActor, AuditContext
from graphql_schema.types.enums import AuditOperation
from graphql_schema.types.parts import AuditBadge, AuditFieldChange, AuditReference


class AuditEntry(View[Entry]):
    """One recorded event. The log is append-only: an entry never changes."""

    @property
    def id(self) -> ID:
        """Its id."""
        return encode_id(Kind.ENTRY, self._source.id)

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
        return self._source.occurred_at

    @property
    def action(self) -> str:
        """`create`, `update`, `delete`, `restore`, `truncate`, `baseline`, or dotted such as `photo.approved`."""
        return self._source.action

    @property
    def action_label(self) -> str:
        """What the action is called, in the language of the request."""
        return action_label(self._source.action)

    @property
    def badge(self) -> AuditBadge:
        """How to show the action."""
        return AuditBadge(badge(self._source.action))

    @property
    def operation(self) -> AuditOperation | None:
        """What was done to the row; null where the entry is not about one."""
        return AuditOperation(self._source.operation) if self._source.operation else None

    @property
    def channel(self) -> str:
        """The log that it belongs to: `data`, `auth`, `security`, `pii-read`, `audit`, or the host's own."""
        return self._source.channel

    @property
    def channel_label(self) -> str:
        """What the channel is called, in the language of the request."""
        return channel_label(self._source.channel)

    @property
    def model(self) -> str:
        """The label of the model, such as `shop.book`; empty where there is no single record."""
        return self._source.model

    @property
    def model_label(self) -> str:
        """What the model is called, in the language of the request."""
        return model_label(self._source.model) if self._source.model else ""

    @property
    def object_id(self) -> str:
        """The key of the record."""
        return self._source.object_id

    @property
    def object_repr(self) -> str:
        """The name of the record at the time."""
        return self._source.object_repr

    @property
    def description(self) -> str:
        """What happened, as a sentence in the language of the request."""
        return describe(self._source)

    @property
    def actor(self) -> AuditActor | None:
        """Who did it; null where that is no longer in the log."""
        found = context_of(self._source)
        return AuditActor(found) if found else None

    @property
    def context(self) -> AuditContext | None:
        """Where and in what it happened; null where that is no longer in the log."""
        found = context_of(self._source)
        return AuditContext(found) if found else None

    @property
    def tenant(self) -> str | None:
        """The tenant that it belongs to."""
        return self._source.tenant

    @property
    def changes(self) -> list[AuditFieldChange]:
        """What changed, one item a field, whatever the operation."""
        return [AuditFieldChange(change, self._source.model) for change in self._source.field_changes]

    @property
    def raw_changes(self) -> JSON | None:
        """The changes as they lie in the log; how they are to be read depends on the operation."""
        return self._source.changes

    @property
    def masked(self) -> list[str]:
        """The names of secret fields that were set or changed."""
        return self._source.masked or []

    @property
    def details(self) -> JSON | None:
        """Further facts about what happened."""
        return self._source.details

    @property
    def event_id(self) -> str | None:
        """For an event that changes were made inside of: what `event` of the filter finds it and them by."""
        event = event_of(self._source)
        return str(event) if event else None

    @property
    def part_of(self) -> str | None:
        """For what was written inside an event: what `event` of the filter finds that by."""
        found = context_of(self._source)
        return str(found.event_id) if found and found.event_id else None

    @property
    def related(self) -> list[AuditReference]:
        """The further records that an event concerns; it is in the history of each."""
        return [AuditReference(reference) for reference in related_to(self._source)]

    @property
    def restored_from(self) -> ID | None:
        """The id of the entry that a restore went back to."""
        source = self._source.restored_from
        return encode_id(Kind.ENTRY, source) if source else None
