"""One entry of the log."""

from __future__ import annotations

from datetime import datetime

from audit_plugin.display import action_label, badge, channel_label, context_of, describe, model_label
from audit_plugin.events.groups import event_of, related_to
from audit_plugin.models import Entry
from graphql_schema.spec import ID, JSON, View, attribute
from graphql_schema.types.contexts import AuditActor, AuditContext
from graphql_schema.types.enums import AuditOperation
from graphql_schema.types.parts import AuditBadge, AuditFieldChange, AuditReference
from graphql_schema.types.values import entry_id


class AuditEntry(View[Entry]):
    """One recorded event. The log is append-only: an entry never changes."""

    id: ID = attribute("Its id.", entry_id)
    occurred_at: datetime = attribute("When it happened.")
    action: str = attribute(
        "`create`, `update`, `delete`, `restore`, `truncate`, `baseline`, or dotted such as `photo.approved`."
    )

    @property
    def action_label(self) -> str:
        """What the action is called, in the language of the request."""
        return action_label(self._source.action)

    @property
    def badge(self) -> AuditBadge:
        """How to show the action."""
        return AuditBadge(badge(self._source.action))

    operation: AuditOperation | None = attribute(
        "What was done to the row; null where the entry is not about one.", AuditOperation
    )
    channel: str = attribute(
        "The log that it belongs to: `data`, `auth`, `security`, `pii-read`, `audit`, or the host's own."
    )

    @property
    def channel_label(self) -> str:
        """What the channel is called, in the language of the request."""
        return channel_label(self._source.channel)

    model: str = attribute(
        "The label of the model, such as `shop.book`; empty where there is no single record."
    )

    @property
    def model_label(self) -> str:
        """What the model is called, in the language of the request."""
        return model_label(self._source.model) if self._source.model else ""

    object_id: str = attribute("The key of the record.")
    object_repr: str = attribute("The name of the record at the time.")

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

    tenant: str | None = attribute("The tenant that it belongs to.")

    @property
    def changes(self) -> list[AuditFieldChange]:
        """What changed, one item a field, whatever the operation."""
        return [AuditFieldChange(change, self._source.model) for change in self._source.field_changes]

    raw_changes: JSON | None = attribute(
        "The changes as they lie in the log; how they are to be read depends on the operation.", of="changes"
    )

    @property
    def masked(self) -> list[str]:
        """The names of secret fields that were set or changed."""
        return self._source.masked or []

    details: JSON | None = attribute("Further facts about what happened.")

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

    restored_from: ID | None = attribute("The id of the entry that a restore went back to.", entry_id)
