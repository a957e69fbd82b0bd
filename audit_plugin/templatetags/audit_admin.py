"""Small pieces of markup that the log's pages share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.template.defaultfilters import truncatechars
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from audit_plugin import display
from audit_plugin.conf import settings

register = template.Library()

#: Longer values are cut in the rows of a list.
SHORT = 60


@register.simple_tag
def audit_icon(name: str, flips: bool = False) -> SafeString:
    """Draw an icon of `sprite.html`; what it means has to be said in words beside it.

    Args:
        name: The icon.
        flips: Whether it points along the line of text, so that it turns round where text runs to the left.
    """
    return format_html(
        '<svg class="audit-icon{}" aria-hidden="true" focusable="false"><use href="#audit-i-{}"/></svg>',
        " audit-icon-flips" if flips else "",
        name,
    )


@register.filter
def audit_value(value: Any) -> str:
    """Write a value from within JSON as the log shows values."""
    return display.format_value(value)


@register.filter
def audit_short(text: str) -> str:
    """Cut a text to what fits into a row. Most are shorter; even then Django's own filter has a lot to do."""
    return text if len(text) <= SHORT else truncatechars(text, SHORT)


@register.filter
def audit_is_none(value: Any) -> bool:
    """Tell nothing from a text that looks like it."""
    return value is None


@register.simple_tag
def audit_time(moment: datetime) -> SafeString:
    """Write a moment in the current time zone, to the second, with its exact form in UTC."""
    exact = iso(moment)
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, exact, local(moment))


@register.simple_tag
def audit_age(moment: datetime) -> SafeString:
    """Write how long ago a moment was, in its largest unit; a script keeps it up to date."""
    if (timezone.now() - moment).total_seconds() >= 60:
        ago = _("%(age)s ago") % {"age": timesince(moment, depth=1)}
    else:
        ago = _("just now")
    return format_html('<span class="audit-age" data-at="{}">{}</span>', iso(moment), ago)


def iso(moment: datetime) -> str:
    """Return a moment in UTC as ISO 8601 has it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local(moment: datetime) -> str:
    """Return a moment in the current time zone, as the setting AUDIT_ADMIN_DATETIME_FORMAT has it."""
    return date_format(timezone.localtime(moment), settings.ADMIN_DATETIME_FORMAT)
