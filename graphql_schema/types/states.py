"""A record at one point in time."""

from __future__ import annotations

from audit_plugin.history import State
from graphql_schema.spec import JSON, View
from graphql_schema.types.entries import AuditEntry


class AuditRecordState(View[State]):
    """A record as it was at some point, as far as the log and the record itself tell."""

    @property
    def exists(self) -> bool:
        """Whether there was such a record then. If it had been deleted by then, the values are what was deleted."""
        return self._source.exists

    @property
    def known(self) -> bool:
        """Whether the log or the record says what it was; else nothing is known of it."""
        return self._source.known

    @property
    def values(self) -> JSON:
        """The values by field. Fields whose values are not known are missing."""
        return JSON(self._source.values)

    @property
    def links(self) -> JSON:
        """The keys of the linked records by many-to-many field."""
        return JSON(self._source.links)

    @property
    def masked(self) -> list[str]:
        """Secret fields that had a value, which the log doesn't hold."""
        return sorted(self._source.masked)

    @property
    def entry(self) -> AuditEntry | None:
        """The last entry up to that point; null where the log has none from then."""
        return AuditEntry(self._source.entry) if self._source.entry else None
