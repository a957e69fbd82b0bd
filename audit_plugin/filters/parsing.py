"""From the text of a URL to a filter and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from audit_plugin.filters.dates import PERIODS, end_of, start_of
from audit_plugin.filters.entry import PARAMETERS, EntryFilter
from audit_plugin.filters.extra import extra_filters

#: Longer texts are no keys, names or words of ours.
MAX_LENGTH = 500


def parse(data: Mapping[str, Any]) -> tuple[EntryFilter, dict[str, str]]:
    """Read a query string; see `EntryFilter.parse`."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field, name in PARAMETERS.items():
        text = str(data.get(name) or "").strip()
        if not text:
            continue
        try:
            values[field] = _READERS.get(field, _text)(text)
        except ValueError as error:
            errors[name] = str(error)
            # Kept as it is, so that the form shows what was typed and the filter finds nothing.
            values[field] = text
    extra = {name: str(data[name]).strip() for name in extra_filters() if str(data.get(name) or "").strip()}
    found = EntryFilter(**values, extra=extra)
    return found, validate(found) | errors


def validate(given: EntryFilter) -> dict[str, str]:
    """Return what is wrong with a filter; see `EntryFilter.validate`."""
    errors: dict[str, str] = {}
    for field, value in given._set():
        try:
            _READERS.get(field, _text)(as_text(value))
        except ValueError as error:
            errors[PARAMETERS[field]] = str(error)
    readable = not {"since", "until"} & set(errors)
    if readable and given.since and given.until and end_of(given.until) <= start_of(given.since):
        errors["until"] = _("The end is before the start.")
    return errors | _validate_extra(given.extra)


def _validate_extra(values: Mapping[str, str]) -> dict[str, str]:
    known = extra_filters()
    errors: dict[str, str] = {}
    groups: dict[str, str] = {}
    for name, value in values.items():
        if name not in known:
            errors[name] = _("There is no such filter.")
            continue
        try:
            known[name].clean(_text(value))
        except ValueError as error:
            errors[name] = str(error)
        group = known[name].group
        if group and group in groups:
            errors[name] = _("Only one of %(one)s and %(other)s can be set.") % {
                "one": known[groups[group]].label,
                "other": known[name].label,
            }
        elif group:
            groups[group] = name
    return errors


def as_text(value: Any) -> str:
    """Return a field's value as it is written in a URL."""
    if isinstance(value, datetime):
        return start_of(value).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ValueError(_("This is too long."))
    if "\x00" in text or not _encodable(text):
        raise ValueError(_("This has characters that can't be read."))
    return text


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _date(text: str) -> date | datetime:
    try:
        day = parse_date(text)
        if day is not None:
            return day
        moment = parse_datetime(text)
    except ValueError:
        raise ValueError(_("There is no such date.")) from None
    if moment is None:
        raise ValueError(_("Write a date as 2026-12-31."))
    return moment if timezone.is_aware(moment) else start_of(moment)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(_("This is not an ID.")) from None


def _record(text: str) -> str:
    model, colon, key = _text(text).partition(":")
    if not (colon and key and model.count(".") == 1):
        raise ValueError(_("Write a record as app.model:key."))
    return f"{model.lower()}:{key}"


def _period(text: str) -> str:
    if text not in PERIODS:
        raise ValueError(_("There is no such period."))
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "since": _date,
    "until": _date,
    "period": _period,
    "context": _uuid,
    "restored_from": _uuid,
    "related": _record,
    "event": _uuid,
}
