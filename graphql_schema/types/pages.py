"""A page of entries, in the shape that Relay, Apollo and urql know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry
from audit_plugin.pagination import count
from audit_plugin.pagination.cursors import encode
from graphql_schema.spec import View
from graphql_schema.types.activity import AuditCount
from graphql_schema.types.entries import AuditEntry


@dataclass(frozen=True)
class PageInfo:
    """Where a page lies in the list. Both engines have this type of their own, and share it with the host's lists."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Slice:
    """A page as it was read.

    Attributes:
        entries: The entries, in the order asked for.
        order: The order.
        has_next: Whether entries follow.
        has_previous: Whether entries come before.
        everything: What the page is a part of.
    """

    entries: list[Entry]
    order: str
    has_next: bool
    has_previous: bool
    everything: EntryQuerySet


class AuditEntryEdge(View[Entry]):
    """An entry and its place in the list."""

    def __init__(self, source: Entry, order: str) -> None:
        super().__init__(source)
        self._order = order

    @property
    def cursor(self) -> str:
        """Give it as `after` or `before` to go on from here."""
        return encode(self._order, self._source)

    @property
    def node(self) -> AuditEntry:
        """The entry."""
        return AuditEntry(self._source)


class AuditEntryConnection(View[Slice]):
    """A page of entries."""

    @property
    def edges(self) -> list[AuditEntryEdge]:
        """The entries with their cursors."""
        return [AuditEntryEdge(entry, self._source.order) for entry in self._source.entries]

    @property
    def nodes(self) -> list[AuditEntry]:
        """The entries alone."""
        return [AuditEntry(entry) for entry in self._source.entries]

    @property
    def page_info(self) -> PageInfo:
        """Where the page lies in the list."""
        found, cursors = self._source, [edge.cursor for edge in self.edges]
        ends = (cursors[0], cursors[-1]) if cursors else (None, None)
        return PageInfo(found.has_next, found.has_previous, *ends)

    @cached_property
    def count(self) -> AuditCount:
        """How many entries there are on all pages; counted only if you ask."""
        return AuditCount(count(self._source.everything))
