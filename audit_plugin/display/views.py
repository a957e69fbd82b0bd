"""The changes of an entry as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit_plugin.changes import FieldChange
from audit_plugin.display.labels import field_label
from audit_plugin.display.values import format_value
from audit_plugin.models import Entry


@dataclass(frozen=True)
class ChangeView:
    """One changed field, ready to be shown.

    Attributes:
        change: What it shows.
        label: The field's name for people.
        old: The value before, as text.
        new: The value after, as text.
    """

    change: FieldChange
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Summary:
    """The first changes of an entry, and how many more there are."""

    changes: Sequence[ChangeView]
    more: int


def change_views(entry: Entry) -> list[ChangeView]:
    """Return all changes of an entry."""
    return [
        ChangeView(
            change, field_label(entry.model, change.field), format_value(change.old), format_value(change.new)
        )
        for change in entry.field_changes
    ]


def summary(entry: Entry, *, first: int = 2) -> Summary:
    """Return the first changes of an entry."""
    views = change_views(entry)
    return Summary(views[:first], max(0, len(views) - first))
