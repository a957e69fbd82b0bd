"""How one model is recorded: what `audit_plugin.track` and the setting `AUDIT_OPTIONS` take."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, fields

import pghistory
import pgtrigger

from audit_plugin.exceptions import ConfigurationError

#: Field names that make a record's name when nothing is said, the first that the model has.
DEFAULT_LABELS = ("name", "title", "label", "username", "email", "slug", "code", "number", "reference")


@dataclass(frozen=True)
class Options:
    """Options of one recorded model.

    Attributes:
        fields: Names of the only fields to record. Empty: all.
        exclude: Names of fields not to record at all. A change of these alone writes nothing.
        secrets: Further fields whose values are never stored, only that they changed.
        reveal: Fields that a word of `AUDIT_SECRETS` matches by accident and that may be stored.
        label: The record's name as it is stored with each entry: a field name, or a template such as
            `"{first_name} {last_name}"`. Columns of the record itself only.
        tenant: The field whose value is the entry's tenant; goes before the tenant of the request.
        trackers: pghistory trackers that narrow down what is recorded, for example
            `pghistory.UpdateEvent(condition=pghistory.AnyChange("status"))`. Empty: every insert, update and delete.
        truncate_rows: Whether TRUNCATE records every row it removes. Off: only how many.
    """

    fields: Sequence[str] = ()
    exclude: Sequence[str] = ()
    secrets: Sequence[str] = ()
    reveal: Sequence[str] = ()
    label: str | None = None
    tenant: str | None = None
    trackers: Sequence[pghistory.RowEvent] = ()
    truncate_rows: bool = True

    @classmethod
    def names(cls) -> set[str]:
        """Return the names of all options."""
        return {field.name for field in fields(cls)}

    def tracker(self, operation: pgtrigger.Operation) -> pghistory.RowEvent | None:
        """Return the tracker for an operation, None where it is not to be recorded."""
        if not self.trackers:
            defaults = (pghistory.InsertEvent, pghistory.UpdateEvent, pghistory.DeleteEvent)
            return next(event(condition=None) for event in defaults if event.operation == operation)
        return next((tracker for tracker in self.trackers if tracker.operation == operation), None)

    def label_parts(self, available: Sequence[str]) -> list[tuple[str, str | None]]:
        """Split the label into pairs of literal text and the field that follows it.

        Args:
            available: Names of the recorded fields that hold text, in the model's order, secrets left out.
        """
        if self.label is None:
            name = next((name for name in DEFAULT_LABELS if name in available), None)
            return [("", name or next(iter(available), None))]
        if "{" not in self.label:
            return [("", self.label)]
        return [(text, name) for text, name, _, _ in string.Formatter().parse(self.label)]


def make_options(values: dict[str, object], model: str) -> Options:
    """Build options from keyword arguments.

    Args:
        values: The options by name.
        model: The model's name, for the error.

    Raises:
        ConfigurationError: An option has an unknown name.
    """
    unknown = sorted(set(values) - Options.names())
    if unknown:
        known = ", ".join(sorted(Options.names()))
        raise ConfigurationError(f"{model}: unknown option {', '.join(unknown)}. The options are: {known}.")
    return Options(**values)  # type: ignore[arg-type]
