"""What is present in the log: the choices of the filters, and how entries spread over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min

from audit_plugin import display
from audit_plugin.filters import EntryFilter, uuid_floor
from audit_plugin.models import Context
from audit_plugin.visibility import visible_entries


@dataclass(frozen=True)
class Choice:
    """One value that entries have, and what people call it."""

    value: str
    label: str


@dataclass(frozen=True)
class Facets:
    """The values that are present among the entries somebody may see, alphabetical by label.

    Attributes:
        complete: Whether every entry was looked at; else the newest may have a value that is missing.
    """

    actors: list[Choice]
    actions: list[Choice]
    models: list[Choice]
    channels: list[Choice]
    tenants: list[Choice]
    complete: bool = True


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: entries from `start` up to, not including, `end`."""

    start: datetime
    end: datetime
    count: int


@dataclass(frozen=True)
class Histogram:
    """Entries over time.

    Attributes:
        bars: From old to new, without gaps.
        approximate: Whether the counts are estimates.
    """

    bars: list[Bar]
    approximate: bool = False


def facets(user: Any, *, using: str | None = None) -> Facets:
    """Return the choices of the filters.

    Args:
        user: Who is looking.
        using: The database alias.
    """
    entries = visible_entries(user, using=using).order_by()

    def present(column: str) -> list[str]:
        return list(entries.exclude(**{f"{column}__isnull": True}).values_list(column, flat=True).distinct())

    actors = present("actor_id")
    labels = dict(
        Context.objects.using(using)
        .filter(actor_id__in=actors)
        .order_by("id")
        .values_list("actor_id", "actor_label")
    )
    return Facets(
        actors=_choices({actor: labels.get(actor) or actor for actor in actors}),
        actions=_choices({action: display.action_label(action) for action in present("action")}),
        models=_choices({model: display.model_label(model) for model in present("model") if model}),
        channels=_choices({channel: display.channel_label(channel) for channel in present("channel")}),
        tenants=_choices({tenant: tenant for tenant in present("tenant")}),
    )


def histogram(
    entry_filter: EntryFilter, user: Any, *, buckets: int = 60, using: str | None = None
) -> Histogram:
    """Return how the entries of a filter spread over time.

    Args:
        entry_filter: The filter.
        user: Who is looking.
        buckets: How many bars at most.
        using: The database alias.
    """
    entries = entry_filter.apply(visible_entries(user, using=using)).order_by()
    span = entries.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    if span["first"] is None:
        return Histogram([])
    width = (span["last"] - span["first"]) / buckets + timedelta(milliseconds=1)
    bars = []
    for number in range(buckets):
        start = span["first"] + number * width
        found = entries.filter(id__gte=uuid_floor(start), id__lt=uuid_floor(start + width)).count()
        bars.append(Bar(start, start + width, found))
    return Histogram(bars)


def _choices(labels: dict[str, str]) -> list[Choice]:
    found = [Choice(value, label) for value, label in labels.items()]
    return sorted(found, key=lambda choice: (choice.label.casefold(), choice.value))
