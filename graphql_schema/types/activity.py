"""Counts, choices and the spread over time."""

from __future__ import annotations

from datetime import datetime

from audit_plugin.activity import Bar, Histogram
from audit_plugin.facets import Choice, Facets
from audit_plugin.pagination import Count
from graphql_schema.spec import View

#: The largest number that GraphQL's `Int` holds.
MAX_INT = 2**31 - 1


class AuditCount(View[Count]):
    """A number of entries."""

    @property
    def value(self) -> int:
        """The number: exact, unless it is capped."""
        return min(self._source.value, MAX_INT)

    @property
    def capped(self) -> bool:
        """Whether counting stopped, so that the number is an estimate: "about"."""
        return self._source.capped or self._source.value > MAX_INT


class AuditChoice(View[Choice]):
    """One value that entries have."""

    @property
    def value(self) -> str:
        """The value; filter by it."""
        return self._source.value

    @property
    def label(self) -> str:
        """What people call it, in the language of the request."""
        return self._source.label

    @property
    def detail(self) -> str:
        """What tells it from others of that name, such as an e-mail address."""
        return self._source.detail


class AuditFacets(View[Facets]):
    """The values that are present among the entries you may see, alphabetical by label."""

    @property
    def actors(self) -> list[AuditChoice]:
        """The actors."""
        return _choices(self._source.actors)

    @property
    def actions(self) -> list[AuditChoice]:
        """The actions."""
        return _choices(self._source.actions)

    @property
    def models(self) -> list[AuditChoice]:
        """The models."""
        return _choices(self._source.models)

    @property
    def channels(self) -> list[AuditChoice]:
        """The channels."""
        return _choices(self._source.channels)

    @property
    def tenants(self) -> list[AuditChoice]:
        """The tenants."""
        return _choices(self._source.tenants)

    @property
    def complete(self) -> bool:
        """Whether all entries were taken into account; else some of the newest were not."""
        return self._source.complete


class AuditBar(View[Bar]):
    """One bar of a histogram."""

    @property
    def start(self) -> datetime:
        """Where it begins."""
        return self._source.start

    @property
    def end(self) -> datetime:
        """Where it ends, not included."""
        return self._source.end

    @property
    def count(self) -> int:
        """How many entries lie in it."""
        return min(self._source.count, MAX_INT)


class AuditHistogram(View[Histogram]):
    """Entries over time."""

    @property
    def bars(self) -> list[AuditBar]:
        """The bars, from old to new, without gaps."""
        return [AuditBar(bar) for bar in self._source.bars]

    @property
    def approximate(self) -> bool:
        """Whether the outer bars may count more than the filter wants, or some of the newest are missing."""
        return self._source.approximate

    @property
    def truncated(self) -> bool:
        """Whether there are entries before the first bar, too many to be counted."""
        return self._source.truncated


def _choices(found: list[Choice]) -> list[AuditChoice]:
    return [AuditChoice(choice) for choice in found]
