"""The columns in Python, for code that has entries in hand rather than a file to make.

The tests hold this against what the database makes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit_plugin import display, exact
from audit_plugin.changes import FieldChange
from audit_plugin.conf import settings
from audit_plugin.display.labels import context_of
from audit_plugin.export.changes import ARROW, MINUS, NOTHING, UNTOLD
from audit_plugin.models import Entry

_MOMENTS = {"dmy": "%d/%m/%Y %H:%M:%S", "iso": "%Y-%m-%dT%H:%M:%S%z"}


def render(name: str, entry: Entry) -> str | None:
    """Return what a column holds for an entry.

    Args:
        name: The column's name.
        entry: The entry, best with its context selected.
    """
    return _COLUMNS[name](entry)


def changes_text(entry: Entry) -> str | None:
    """Return `field: old → new; …`, or the details of an entry without changes."""
    found = [_field(entry.operation, change) for change in entry.field_changes]
    if not found and entry.details:
        found = [f"{key}: {_shown(value)}" for key, value in entry.details.items() if key not in UNTOLD]
    return "; ".join(found) or None


def properties(entry: Entry) -> str:
    """Return all that was recorded about the change as JSON."""
    changes: dict[str, Any] = {}
    for change in entry.field_changes:
        if change.masked:
            changes[change.field] = {"masked": True}
        elif entry.operation == Entry.Operation.LINKS:
            changes[change.field] = {"added": list(change.added), "removed": list(change.removed)}
        else:
            changes[change.field] = {"old": change.old, "new": change.new}
    operation = Entry.Operation(entry.operation).name.lower() if entry.operation else None
    return exact.dumps({"operation": operation, "changes": changes, "details": entry.details})


def _field(operation: str | None, change: FieldChange) -> str:
    if change.masked:
        return f"{change.field}: {_('changed (not stored)')}"
    if operation == Entry.Operation.LINKS:
        links = [f"+{_shown(key)}" for key in change.added] + [
            f"{MINUS}{_shown(key)}" for key in change.removed
        ]
        return f"{change.field}: {', '.join(links)}"
    return f"{change.field}: {_shown(change.old)}{ARROW}{_shown(change.new)}"


def _shown(value: Any) -> str:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else exact.dumps(value)


def _date_time(entry: Entry) -> str:
    text = timezone.localtime(entry.occurred_at).strftime(_MOMENTS[settings.EXPORT_DATE_FORMAT])
    # ISO 8601 wants a colon in the distance from UTC, which strftime knows only from Python 3.12 on.
    return f"{text[:-2]}:{text[-2:]}" if settings.EXPORT_DATE_FORMAT == "iso" else text


def _timestamp(entry: Entry) -> str:
    return entry.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _of_context(attribute: str) -> Callable[[Entry], str | None]:
    return lambda entry: getattr(context_of(entry), attribute, None)


def _text(attribute: str) -> Callable[[Entry], str | None]:
    def read(entry: Entry) -> str | None:
        value = getattr(entry, attribute)
        return None if value is None else str(value)

    return read


_COLUMNS: dict[str, Callable[[Entry], str | None]] = {
    "date_time": _date_time,
    "user": lambda entry: (
        getattr(context_of(entry), "actor_email", None) or display.actor_label(context_of(entry))
    ),
    "action": lambda entry: display.action_label(entry.action),
    "table": lambda entry: display.model_label(entry.model),
    "changes": changes_text,
    "id": _text("id"),
    "timestamp": _timestamp,
    "channel": _text("channel"),
    "event": _text("action"),
    "description": display.describe,
    "actor_email": _of_context("actor_email"),
    "actor_id": _text("actor_id"),
    "subject_type": _text("model"),
    "subject_id": _text("object_id"),
    "subject_name": _text("object_repr"),
    "properties": properties,
    "actor_name": _of_context("actor_label"),
    "actor_kind": _of_context("actor_kind"),
    "impersonator_id": _of_context("impersonator_id"),
    "impersonator_name": _of_context("impersonator_label"),
    "source": _of_context("source"),
    "view": _of_context("name"),
    "url": _of_context("url"),
    "method": _of_context("method"),
    "ip": _of_context("ip"),
    "user_agent": _of_context("user_agent"),
    "request_id": _of_context("request_id"),
    "context_id": _text("context_id"),
    "database_role": _of_context("db_role"),
    "tenant": _text("tenant"),
    "restored_from": _text("restored_from"),
    "sequence": _text("seq"),
    "event_id": lambda entry: (entry.details or {}).get("_event"),
    "part_of": lambda entry: str(getattr(context_of(entry), "event_id", None) or "") or None,
}
