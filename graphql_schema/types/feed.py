"""What arrives in a subscription."""

from __future__ import annotations

from collections.abc import Hashable

from audit_plugin.feed import Delivery, encode_position
from graphql_schema.spec import View, attribute
from graphql_schema.types.entries import AuditEntry


class AuditFeedEvent(View[Delivery]):
    """A step of the feed: an entry, or a sign of life without one that says how far the feed has come."""

    cursor: str = attribute(
        "Where the feed has come to. Hand in the last one as `after` to go on from here: nothing is missed or repeated.",
        encode_position,
        of="position",
    )
    entry: AuditEntry | None = attribute(
        "The entry; null in a sign of life, the first of which comes as soon as the feed has begun.",
        AuditEntry,
    )

    def key(self) -> Hashable:
        """Return what two events have in common in which the same is to be seen."""
        entry = self._source.entry
        return self._source.position, entry.pk if entry else None
