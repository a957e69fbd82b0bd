"""Counts, choices and the spread over time."""

from __future__ import annotations

from datetime import datetime

from audit_plugin.activity import Bar, Histogram
from audit_plugin.facets import Choice, Facets
from audit_plugin.pagination import Count
from graphql_schema.spec import View, attribute, each
from graphql_schema.types.values import MAX_INT, capped


class AuditCount(View[Count]):
    """A number of entries."""

    value: int = attribute("The number: exact, unless it is capped.", capped)

    @property
    def capped(self) -> bool:
        """Whether counting stopped, so that the number is an estimate: "about"."""
        return self._source.capped or self._source.value > MAX_INT


class AuditChoice(View[Choice]):
    """One value that entries have."""

    value: str = attribute("The value; filter by it.")
    label: str = attribute("What people call it, in the language of the request.")
    detail: str = attribute("What tells it from others of that name, such as an e-mail address.")


class AuditFacets(View[Facets]):
    """The values that are present among the entries you may see, alphabetical by label."""

    actors: list[AuditChoice] = attribute("The actors.", each(AuditChoice))
    actions: list[AuditChoice] = attribute("The actions.", each(AuditChoice))
    models: list[AuditChoice] = attribute("The models.", each(AuditChoice))
    channels: list[AuditChoice] = attribute("The channels.", each(AuditChoice))
    tenants: list[AuditChoice] = attribute("The tenants.", each(AuditChoice))
    complete: bool = attribute(
        "Whether all entries were taken into account; else some of the newest were not."
    )


class AuditBar(View[Bar]):
    """One bar of a histogram."""

    start: datetime = attribute("Where it begins.")
    end: datetime = attribute("Where it ends, not included.")
    count: int = attribute("How many entries lie in it.", capped)


class AuditHistogram(View[Histogram]):
    """Entries over time."""

    bars: list[AuditBar] = attribute("The bars, from old to new, without gaps.", each(AuditBar))
    approximate: bool = attribute(
        "Whether the outer bars may count more than the filter wants, or some of the newest are missing."
    )
    truncated: bool = attribute("Whether there are entries before the first bar, too many to be counted.")
