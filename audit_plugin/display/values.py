"""Values as people read them."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

from django.db.models import DateField, DateTimeField, Field, TimeField, UUIDField
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit_plugin import exact

NOTHING = "\N{EN DASH}"
#: Fields whose values are texts in JSON only, and so stand without quotation marks.
PLAIN = (DateField, TimeField, UUIDField)


def format_value(value: Any, field: Field[Any, Any] | None = None) -> str:
    """Return a value as text: nothing as a dash, texts quoted, all else as JSON has it.

    Args:
        value: The value as the log holds it.
        field: The field it belongs to, if that still exists: moments are then shown in the current time zone.
    """
    if value is None:
        return NOTHING
    if isinstance(value, Decimal):
        return str(value)
    if not isinstance(value, str):
        return exact.dumps(value, default=float)
    if isinstance(field, DateTimeField):
        return _moment(value)
    return value if isinstance(field, PLAIN) else f'"{value}"'


def choice_label(value: Any, field: Field[Any, Any] | None) -> str | None:
    """Return what the field calls a value that is one of its choices, None where it isn't one."""
    if field is None or not field.choices or value is None or isinstance(value, dict | list):
        return None
    # JSON has fewer types than Python: a key may have been a Decimal or a date.
    labels = {str(key): str(label) for key, label in field.flatchoices}
    label = labels.get(str(value))
    return None if label == str(value) else label


def _moment(text: str) -> str:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        return text
    aware = moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
    try:
        return timezone.localtime(aware).isoformat(sep=" ")
    except OverflowError:
        return text
