"""What a person has chosen for this visit: the time zone, and the filter they left the list with."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, tzinfo
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest
from django.utils import timezone

from audit_plugin.conf import settings

ZONE_KEY = "audit_plugin_zone"
FILTER_KEY = "audit_plugin_filter"
COOKIE = "audit_zone"
ZONES = ("local", "utc")


def wanted_zone(request: HttpRequest) -> str:
    """Return `utc` or `local`: what the person has chosen, else the setting."""
    chosen = request.session.get(ZONE_KEY, settings.ADMIN_TIME_ZONE)
    return chosen if chosen in ZONES else "local"


def zone_of(request: HttpRequest) -> tzinfo:
    """Return the time zone to show times in: UTC, that of their browser, or else Django's current one."""
    if wanted_zone(request) == "utc":
        return UTC
    try:
        return zoneinfo.ZoneInfo(unquote(request.COOKIES[COOKIE]))
    except (KeyError, ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return timezone.get_current_timezone()


def remember(request: HttpRequest, key: str, value: Any) -> None:
    """Keep something in the session; what is there already isn't written again."""
    if request.session.get(key) != value:
        request.session[key] = value
