"""A record at one point in time."""

from __future__ import annotations

from audit_plugin.history import State
from graphql_schema.spec import JSON, View, attribute
from graphql_schema.types.entries import AuditEntry


class AuditRecordState(View[State]):
    """A record as it was at some point, as far as the log and the record itself tell."""

    exists: bool = attribute(
        "Whether there was such a record then. If it had been deleted by then, the values are what was deleted."
    )
    known: bool = attribute("Whether the log or the record says what it was; else nothing is known of it.")
    values: JSON = attribute("The values by field. Fields whose values are not known are missing.")
    links: JSON = attribute("The keys of the linked records by many-to-many field.")
    masked: list[str] = attribute("Secret fields that had a value, which the log doesn't hold.", sorted)
    entry: AuditEntry | None = attribute(
        "The last entry up to that point; null where the log has none from then.", AuditEntry
    )
