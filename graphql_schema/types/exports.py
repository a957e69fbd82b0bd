"""An exported file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from audit_plugin.pagination import Count
from graphql_schema.spec import ID, View, attribute
from graphql_schema.types.activity import AuditCount
from graphql_schema.types.enums import AuditExportFormat, AuditExportState
from graphql_schema.types.values import MAX_INT


@dataclass(frozen=True)
class Progress:
    """How far an export has come, as the log tells.

    Attributes:
        state: How far.
        exported: How many entries the file held.
        reason: Why it ended early.
    """

    state: AuditExportState
    exported: int | None = None
    reason: str | None = None


class Ticket(Protocol):
    """An export that was asked for. What it answers may be looked up late."""

    @property
    def id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...

    def count(self) -> Count:
        """Return how many entries it will hold."""

    def progress(self) -> Progress:
        """Return how far it has come."""


class AuditExport(View[Ticket]):
    """A file that can be fetched for a short while."""

    id: ID = attribute("Its id, to ask how far it has come.")
    url: str = attribute(
        "Where it can be fetched with GET. Whoever has the address can fetch it, so don't keep it or pass it on."
    )
    expires_at: datetime = attribute("Until when it can be fetched. A download that has begun goes on.")
    format: AuditExportFormat = attribute("Its format.", AuditExportFormat)
    filename: str = attribute("Its name.")

    @cached_property
    def count(self) -> AuditCount:
        """How many entries match at the moment; counted only if you ask."""
        return AuditCount(self._source.count())

    @cached_property
    def state(self) -> AuditExportState:
        """How far it has come."""
        return self._progress.state

    @cached_property
    def exported(self) -> int | None:
        """How many entries were sent; null as long as it has not ended."""
        found = self._progress.exported
        return None if found is None else min(found, MAX_INT)

    @cached_property
    def reason(self) -> str | None:
        """Why it ended early, in a word for programs."""
        return self._progress.reason

    @cached_property
    def _progress(self) -> Progress:
        return self._source.progress()
